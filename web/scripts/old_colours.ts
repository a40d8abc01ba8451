// Colours for browsers that do not know light-dark() (before Chrome 123, Safari 17.5 and Firefox 120), made from the declarations that all others use.

const kDeclaration = /^\s*(--[\w-]+:.*\blight-dark\(.*;)$/gm;
const kPart = '((?:[^(),]|\\([^()]*\\))+)';
const kPair = new RegExp(`light-dark\\(${kPart}, ${kPart}\\)`, 'g');

// The declarations of custom properties in a style sheet of one declaration a line, with the light and the dark value written out; '' if there are none.
export function oldColours(css: string): string {
    const declarations = Array.from(css.matchAll(kDeclaration), ([, declaration]) => declaration!);
    if (declarations.length === 0) return '';
    const light = declarations.map((declaration) => declaration.replace(kPair, '$1')).join(' ');
    const dark = declarations.map((declaration) => declaration.replace(kPair, '$2')).join(' ');
    return `
@supports not (color: light-dark(red, red)) {
    :root { ${light} }
    :root[data-theme='dark'] { ${dark} }
    @media (prefers-color-scheme: dark) { :root:not([data-theme='light']) { ${dark} } }
}
`;
}

// For PostCSS, when it has put the style sheets together.
export function coloursForOldBrowsers() {
    return {
        postcssPlugin: 'colours-for-old-browsers',
        OnceExit(root: { toString(): string; append(css: string): unknown }) {
            const css = oldColours(root.toString());
            if (css) root.append(css);
        },
    };
}
