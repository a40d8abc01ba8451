// The number of unread messages in the title and on the icon of the page (<link id="favicon">).
const kIcon = '/favicon.svg';
const kSize = 64;
let shown = 0;
let picture: Promise<HTMLImageElement> | undefined;

export function showBadge(unread: number): void {
    document.title = unread > 0 ? `(${unread > 999 ? '999+' : unread}) Parley` : 'Parley';
    if (unread === shown) return;
    shown = unread;
    void draw(unread);
}

async function draw(unread: number): Promise<void> {
    const link = document.querySelector<HTMLLinkElement>('#favicon');
    if (!link) return;
    const href = unread > 0 ? await badged(unread) : kIcon;
    if (unread === shown && href) link.href = href;
}

async function badged(unread: number): Promise<string | undefined> {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = kSize;
    const pen = canvas.getContext('2d');
    if (!pen) return undefined;
    try {
        pen.drawImage(await (picture ??= load()), 0, 0, kSize, kSize);
    } catch {
        picture = undefined;
    }
    pen.fillStyle = '#d92d20';
    pen.beginPath();
    pen.arc(44, 20, 20, 0, 2 * Math.PI);
    pen.fill();
    pen.fillStyle = '#fff';
    pen.font = `bold ${unread > 9 ? 24 : 30}px system-ui, sans-serif`;
    pen.textAlign = 'center';
    pen.textBaseline = 'middle';
    pen.fillText(unread > 99 ? '99' : String(unread), 44, 22);
    return canvas.toDataURL('image/png');
}

async function load(): Promise<HTMLImageElement> {
    const image = new Image(kSize, kSize);
    image.src = kIcon;
    await image.decode();
    return image;
}
