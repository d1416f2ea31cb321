/** HTML from a template in which every value is escaped unless it is HTML already. */

export interface Html {
  html: string;
}

export type HtmlValue = string | number | Html | null | readonly HtmlValue[];

/** Text becomes text, whatever characters a data set or a model put into it. */
export function html(strings: TemplateStringsArray, ...values: HtmlValue[]): Html {
  return {
    html: strings.map((text, at) => text + (at < values.length ? written(values[at]!) : '')).join(''),
  };
}

function written(value: HtmlValue): string {
  if (value === null) return '';
  if (typeof value === 'string' || typeof value === 'number') return escapeHtml(`${value}`);
  return 'html' in value ? value.html : value.map(written).join('');
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Controls and marks that turn the direction of text around would let an answer disguise what it says. */
const disguises = /(?![\n\t])\p{Cc}|[\u202a-\u202e\u2066-\u2069]|\p{Cs}/gu;

export function escapeHtml(text: string): string {
  return text.replaceAll(disguises, '\ufffd').replaceAll(/[&<>"']/g, (mark) => entities[mark]!);
}
