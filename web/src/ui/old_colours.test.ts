import { describe, expect, it } from 'vitest';

import { oldColours } from '../../scripts/old_colours';

describe('colours for browsers without light-dark()', () => {
    it('have the light value, and the dark one where the system or the choice is dark', () => {
        expect(oldColours(':root {\n    --ink: light-dark(#111111, #eeeeee);\n    --radius: 14px;\n}\n').replaceAll(/\s+/g, ' ').trim()).toBe(
            '@supports not (color: light-dark(red, red)) { ' +
                ':root { --ink: #111111; } ' +
                ":root[data-theme='dark'] { --ink: #eeeeee; } " +
                "@media (prefers-color-scheme: dark) { :root:not([data-theme='light']) { --ink: #eeeeee; } } }",
        );
    });

    it('may stand in the middle of a value, and be functions', () => {
        const css = oldColours('    --shade: 0 1px light-dark(rgb(1 2 3 / 6%), transparent), 0 2px light-dark(transparent, rgb(0 0 0 / 30%));');
        expect(css).toContain(':root { --shade: 0 1px rgb(1 2 3 / 6%), 0 2px transparent; }');
        expect(css).toContain(":root[data-theme='dark'] { --shade: 0 1px transparent, 0 2px rgb(0 0 0 / 30%); }");
    });

    it('are not made where there are none', () => {
        expect(oldColours('.row {\n    color: var(--ink);\n}\n')).toBe('');
    });
});
