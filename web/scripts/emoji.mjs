// Makes src/emoji/emoji.{en,de}.json of emojibase-data: {groups:[{key, emoji:[[unicode, label, tags]]}]}, tags joined by spaces. Run by every build; the files are not kept in the repository.
import { mkdir, readFile, writeFile } from 'node:fs/promises';

const data = new URL('../node_modules/emojibase-data/', import.meta.url);
const out = new URL('../src/emoji/', import.meta.url);
const read = async (path) => JSON.parse(await readFile(new URL(path, data), 'utf8'));

const { groups } = await read('meta/groups.json');
await mkdir(out, { recursive: true });
for (const language of ['en', 'de']) {
    const byGroup = new Map(Object.entries(groups).filter(([, key]) => key !== 'component').map(([number, key]) => [Number(number), { key, emoji: [] }]));
    const sorted = (await read(`${language}/compact.json`)).sort((a, b) => (a.order ?? 0) - (b.order ?? 0));
    for (const { unicode, label, tags = [], group } of sorted) byGroup.get(group)?.emoji.push([unicode, label, tags.join(' ')]);
    await writeFile(new URL(`emoji.${language}.json`, out), JSON.stringify({ groups: [...byGroup.values()] }));
}
