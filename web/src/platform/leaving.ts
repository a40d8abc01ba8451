// Makes the browser ask before the page is closed or left, until the function it returns is called.
export function askBeforeLeaving(): () => void {
    const ask = (event: BeforeUnloadEvent) => {
        event.preventDefault();
        event.returnValue = true; // what older browsers go by
    };
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
}
