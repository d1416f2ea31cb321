/** Every language says everything, with the same places for names and numbers. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { appErrorCodes } from '../../preload/contract/errors.ts';
import { errors as germanErrors } from '../../renderer/i18n/de/errors.ts';
import { errors as chineseErrors } from '../../renderer/i18n/zh/errors.ts';

const root = join(import.meta.dirname, '..', '..', 'renderer', 'i18n');
type Words = { [key: string]: string | Words };

function flat(words: Words, prefix = ''): Map<string, string> {
  return new Map(
    Object.entries(words).flatMap(([key, value]): [string, string][] =>
      typeof value === 'string' ? [[prefix + key, value]] : [...flat(value, `${prefix}${key}.`)],
    ),
  );
}

async function wordsOf(language: string, file: string): Promise<Map<string, string>> {
  const module: Record<string, Words> = await import(join(root, language, file));
  return new Map(Object.values(module).flatMap((words) => [...flat(words)]));
}

const places = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).sort();
const files = readdirSync(join(root, 'en')).filter((name) => name.endsWith('.ts'));

test('Chinese and German have every word that English has, with the same places to fill', async () => {
  assert.ok(files.length >= 4, 'the words were found');
  for (const file of files) {
    const english = await wordsOf('en', file);
    for (const language of ['zh', 'de']) {
      assert.ok(existsSync(join(root, language, file)), `${language}/${file}`);
      const other = await wordsOf(language, file);
      assert.deepEqual([...other.keys()].sort(), [...english.keys()].sort(), `${language}/${file}`);
      for (const [key, text] of english) {
        const said = other.get(key)!;
        assert.notEqual(said.trim(), '', `${language} ${key}`);
        assert.deepEqual(places(said), places(text), `${language} ${key}`);
      }
    }
  }
});

test('every fault has a Chinese and a German sentence', () => {
  for (const errors of [chineseErrors, germanErrors]) {
    assert.deepEqual(Object.keys(errors).sort(), [...appErrorCodes].sort());
  }
});

test('every key that a component asks for exists in English', async () => {
  const known = new Map<string, Set<string>>();
  for (const file of files) known.set(file.replace('.ts', ''), new Set((await wordsOf('en', file)).keys()));
  const missing: string[] = [];
  let asked = 0;
  for (const feature of ['conversations', 'viewer', 'models', 'settings']) {
    const folder = join(root, '..', 'features', feature);
    for (const name of readdirSync(folder).filter((name) => /\.tsx?$/.test(name))) {
      const text = readFileSync(join(folder, name), 'utf8');
      const words = /useTranslation\('(\w+)'\)/.exec(text)?.[1] ?? feature;
      for (const [, key] of text.matchAll(/\bt\(\s*'([\w.]+)'/g)) {
        asked++;
        const keys = known.get(words)!;
        if (!keys.has(key!) && !keys.has(`${key}_other`)) missing.push(`${feature}/${name}: ${key}`);
      }
    }
  }
  assert.ok(asked > 150, `${asked} keys were found`);
  assert.deepEqual(missing, []);
});
