// A size in words: whole bytes where they count, KB where they do not. Never less than it is.
export function sizeText(bytes: number, locale: string): string {
    if (bytes < 1024) return new Intl.NumberFormat(locale, { style: 'unit', unit: 'byte', unitDisplay: 'long' }).format(bytes);
    return `${new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }).format(Math.ceil((bytes / 1024) * 10) / 10)} KB`;
}
