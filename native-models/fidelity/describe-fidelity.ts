/** A fidelity report in words: keys and values for the app's languages, and the sentence in English. */
import type { FidelityReport } from './fidelity-report.ts';
import { meetsText, meetsVision } from './fidelity-report.ts';

export interface FidelitySentence {
  key: `fidelity.${string}`;
  /** What the sentence names, ready to be shown: shares are percent with one decimal. */
  values: Record<string, string>;
  sentence: string;
}

/** English text of each key; `{name}` stands for a value. */
const sentences = {
  'fidelity.same': 'Answers are as good as the published model’s: you will hardly find a difference.',
  'fidelity.close': 'Answers are close to the published model’s; now and then it chooses another word.',
  'fidelity.loose':
    'Answers may differ from the published model’s. For careful work choose a higher precision.',
  'fidelity.tokens':
    'At {agreement} % of {positions} places it would say the same next token (KL divergence {kl} nats).',
  'fidelity.perplexity': 'Perplexity on the texts: {perplexity}, by the published weights {reference}.',
  'fidelity.vision':
    'What it sees of pictures agrees to {mean} % on average and {min} % at worst (cosine of {tokens} visual tokens).',
  'fidelity.visionMissed': 'It sees pictures less exactly than this app aims at.',
  'fidelity.kept': 'Parts stored wider to get there: {count} matrices, {megabytes} MB more.',
} as const;

type Key = keyof typeof sentences;

/** Mean KL divergence, in nats, up to which answers hardly differ, and up to which they are close. */
const sameKl = 0.02;
const closeKl = 0.1;

/** The verdict first, then what it rests on. */
export function describeFidelity(report: FidelityReport): FidelitySentence[] {
  const { text, vision } = report.measured;
  const { targets, kept } = report;
  const isFine = meetsText(text, targets);
  const verdict: Key =
    text.klDivergence <= sameKl && isFine
      ? 'fidelity.same'
      : text.klDivergence <= closeKl
        ? 'fidelity.close'
        : 'fidelity.loose';
  const told = [
    say(verdict),
    say('fidelity.tokens', {
      agreement: percent(text.topOneAgreement, 1),
      positions: String(text.positions),
      kl: text.klDivergence.toFixed(4),
    }),
    say('fidelity.perplexity', {
      perplexity: text.perplexity.toPrecision(4),
      reference: text.referencePerplexity.toPrecision(4),
    }),
  ];
  if (vision) {
    const values = { mean: percent(vision.cosineMean, 2), min: percent(vision.cosineMin, 2) };
    told.push(say('fidelity.vision', { ...values, tokens: String(vision.visualTokens) }));
    if (!meetsVision(vision, targets)) told.push(say('fidelity.visionMissed'));
  }
  if (kept.length > 0) {
    const addedBytes = kept.reduce((sum, matrix) => sum + matrix.addedBytes, 0);
    told.push(say('fidelity.kept', { count: String(kept.length), megabytes: (addedBytes / 1e6).toFixed(1) }));
  }
  return told;
}

function say(key: Key, values: Record<string, string> = {}): FidelitySentence {
  const sentence = sentences[key].replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name]!);
  return { key, values, sentence };
}

/** Rounded down, so that 99.999 % never reads as all. */
function percent(share: number, decimals: number): string {
  const scale = 10 ** decimals;
  return (Math.floor(share * 100 * scale + 1e-9) / scale).toFixed(decimals);
}
