// Collects the licences of what goes into the built client, as they ask to be passed on: dist/licences.txt.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Plugin } from 'vite';

function packageFolder(id: string): string | undefined {
    const found = /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id.split(path.sep).join('/'));
    return found?.[1];
}

function licenceOf(folder: string): string {
    const { name, version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Record<string, string>;
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file ? readFileSync(path.join(folder, file), 'utf8').trim() : `Licence: ${license}`;
    return `${name} ${version}\n\n${text}\n`;
}

/** `alsoFrom`: packages of which only styles, fonts or data are taken, so that no module of theirs is seen. */
export function licences(alsoFrom: string[]): Plugin {
    return {
        name: 'licences',
        generateBundle(_options, bundle) {
            const folders = new Set(alsoFrom.map((name) => path.resolve('node_modules', name)).filter(existsSync));
            for (const chunk of Object.values(bundle)) {
                if (chunk.type !== 'chunk') continue;
                for (const id of Object.keys(chunk.modules)) {
                    const folder = packageFolder(id);
                    if (folder && existsSync(path.join(folder, 'package.json'))) folders.add(path.resolve(folder));
                }
            }
            const source = [...folders].sort().map(licenceOf).join(`\n${'-'.repeat(80)}\n\n`);
            this.emitFile({ type: 'asset', fileName: 'licences.txt', source });
        },
    };
}
