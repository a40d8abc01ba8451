// Helpers of the tests.

// A localStorage that can be full. Values are its own properties, as a real one's are.
export class FakeDisk {
    [key: string]: unknown;

    constructor() {
        const hidden = (name: string, value: unknown) => Object.defineProperty(this, name, { value, writable: true, enumerable: false });
        hidden('full', false);
        hidden('getItem', (key: string) => this[key] ?? null);
        hidden('setItem', (key: string, value: string) => {
            if (this.full) throw new Error('QuotaExceededError');
            this[key] = value;
        });
        hidden('removeItem', (key: string) => void delete this[key]);
    }
}
