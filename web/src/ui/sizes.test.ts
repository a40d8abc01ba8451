import { describe, expect, it } from 'vitest';
import { sizeText } from './sizes';

describe('a size in words', () => {
    it('is never nothing, and written as the locale does', () => {
        expect([1, 1023, 1024, 1025, 10 * 1024].map((bytes) => sizeText(bytes, 'en'))).toEqual(['1 byte', '1,023 bytes', '1 KB', '1.1 KB', '10 KB']);
        expect([1, 1025].map((bytes) => sizeText(bytes, 'de'))).toEqual(['1\u00a0Byte', '1,1 KB']);
    });
});
