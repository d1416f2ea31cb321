/** Prompts that come with the app: words for the composer, and ways of asking that read the answer as more than words. Pure. */
import type { Task } from '../../../preload/contract/tasks.ts';

/** In the order of the menu. */
export const promptNames = [
  'text',
  'table',
  'chart',
  'translation',
  'extraction',
  'grounding',
  'agent',
] as const;

export type PromptName = (typeof promptNames)[number];

/** English, which the family follows best; a person sees the words before they are sent and may change them. */
const words: Partial<Record<PromptName, string>> = {
  text: 'Please read all the text in the image, keeping its lines and their order. Answer with the text only.',
  table: 'Please convert the table in the image into a Markdown table. Answer with the table only.',
  chart:
    'Please read the values of the chart in the image and write them as a Markdown table with one column for each series.',
};

/** @param language a tag such as `de`, of the language to translate into */
export function promptWords(name: PromptName, language: string): string | null {
  if (name !== 'translation') return words[name] ?? null;
  const target = new Intl.DisplayNames(['en'], { type: 'language' }).of(language) ?? 'English';
  return `Please translate all the text in the image into ${target}. Answer with the translation only.`;
}

/** What a person has written stays, below the prompt; a prompt that was chosen before goes. */
export function withPrompt(written: string, prompt: string, language: string): string {
  const isPrompt = promptNames.some((name) => promptWords(name, language) === written.trim());
  return written.trim() === '' || isPrompt ? prompt : `${prompt}\n\n${written}`;
}

/** A form to extract, which a person may take as it is or change. */
export interface ExtractionForm {
  name: string;
  schema: Record<string, unknown>;
}

const text = { type: 'string' };
const amount = { type: 'number' };
const form = (properties: Record<string, unknown>) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
});
const listOf = (properties: Record<string, unknown>) => ({ type: 'array', items: form(properties) });

/** By the key of their name in the app's words. */
export const extractionForms = {
  receipt: form({
    merchant: text,
    date: text,
    currency: text,
    items: listOf({ description: text, quantity: amount, price: amount }),
    total: amount,
  }),
  invoice: form({
    number: text,
    date: text,
    dueDate: text,
    seller: text,
    buyer: text,
    items: listOf({ description: text, quantity: amount, unitPrice: amount, amount }),
    net: amount,
    tax: amount,
    total: amount,
  }),
  card: form({
    name: text,
    role: text,
    company: text,
    phone: text,
    email: text,
    website: text,
    address: text,
  }),
  list: listOf({ name: text, value: text }),
} as const;

/** The schema a person wrote, or null where it is none: a JSON object that says what a value looks like. */
export function readSchema(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    const says =
      isObject && ['type', 'properties', 'anyOf', 'oneOf', 'enum', '$ref'].some((key) => key in value);
    return says ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** The task of a prompt that has one by itself. */
export function taskOfPrompt(name: PromptName): Task | null {
  return name === 'agent' || name === 'grounding' ? { type: name } : null;
}
