/** The InternVL3 family as published: what there is, how large it is, and what to know before choosing. */

import {
  estimateUnconverted,
  storedBytesPerValue,
} from '../../../native-models/process/checkpoint-judgement.ts';
import { publishedConfig } from './expected-speed.ts';

/** What a repository was trained for. */
export type Training = 'chat' | 'instruct' | 'pretrained' | 'critic';

export interface CatalogueEntry {
  /** Repository of the Hub. */
  repository: string;
  /** As the card says it: 1B … 78B. */
  size: string;
  training: Training;
  layout: 'original' | 'hf';
  visionModel: string;
  languageModel: string;
  /** Of the project's own weights, and of the language model inside. */
  license: string;
  /** Weights to download, bf16. */
  weightBytes: number;
  /** Values of the vision encoder, and of the token table; the other weights are the decoder's. */
  visionValues: number;
  tableValues: number;
  /** Key into the texts a person reads; null where nothing needs saying. */
  note: 'pretrained' | 'instruct' | 'critic' | 'large' | null;
}

interface Size {
  size: string;
  visionModel: string;
  languageModel: string;
  weightBytes: number;
  hiddenSize: number;
  license?: string;
}

const vision300M = 'InternViT-300M-448px-V2_5';
const vision6B = 'InternViT-6B-448px-V2_5';
const visionValues: Record<string, number> = { [vision300M]: 304e6, [vision6B]: 5.54e9 };

/** Of Qwen2.5 as InternVL3 extends it; InternLM3's has fewer, which these estimates may leave out. */
const vocabularySize = 151_674;

/** InternVL3 itself is MIT; the language models inside keep their own licence. */
const usualLicense = 'MIT, Apache-2.0';

/** Model card, section "InternVL3 Family"; sizes as the repositories show them. */
const sizes: readonly Size[] = [
  {
    size: '1B',
    visionModel: vision300M,
    languageModel: 'Qwen2.5-0.5B',
    weightBytes: 1.88e9,
    hiddenSize: 896,
  },
  {
    size: '2B',
    visionModel: vision300M,
    languageModel: 'Qwen2.5-1.5B',
    weightBytes: 4.2e9,
    hiddenSize: 1536,
  },
  { size: '8B', visionModel: vision300M, languageModel: 'Qwen2.5-7B', weightBytes: 15.9e9, hiddenSize: 3584 },
  {
    size: '9B',
    visionModel: vision300M,
    languageModel: 'InternLM3-8B',
    weightBytes: 18.3e9,
    hiddenSize: 4096,
  },
  {
    size: '14B',
    visionModel: vision300M,
    languageModel: 'Qwen2.5-14B',
    weightBytes: 30.2e9,
    hiddenSize: 5120,
  },
  { size: '38B', visionModel: vision6B, languageModel: 'Qwen2.5-32B', weightBytes: 76.8e9, hiddenSize: 5120 },
  {
    size: '78B',
    visionModel: vision6B,
    languageModel: 'Qwen2.5-72B',
    weightBytes: 157e9,
    hiddenSize: 8192,
    license: 'MIT, Qwen',
  },
];

/** Above this a single desktop seldom has the memory, at any precision. */
const largeBytes = 70e9;

function familyOf({ size, hiddenSize, license = usualLicense, ...parts }: Size): CatalogueEntry[] {
  const entry = (ending: string, training: Training, note: CatalogueEntry['note']): CatalogueEntry => ({
    repository: `OpenGVLab/InternVL3-${size}${ending}`,
    size,
    training,
    layout: ending === '-hf' ? 'hf' : 'original',
    license,
    visionValues: visionValues[parts.visionModel]!,
    tableValues: vocabularySize * hiddenSize,
    ...parts,
    note: note ?? (parts.weightBytes > largeBytes ? 'large' : null),
  });
  return [
    entry('', 'chat', null),
    entry('-hf', 'chat', null),
    entry('-Instruct', 'instruct', 'instruct'),
    entry('-Pretrained', 'pretrained', 'pretrained'),
  ];
}

/** Critics for Best-of-N (model card, section on test-time scaling). */
const critics: readonly CatalogueEntry[] = [
  { repository: 'OpenGVLab/VisualPRM-8B', languageModel: 'InternLM2.5-7B' },
  { repository: 'OpenGVLab/VisualPRM-8B-v1_1', languageModel: 'Qwen2.5-7B' },
].map((critic) => ({
  ...critic,
  size: '8B',
  training: 'critic',
  layout: 'original',
  visionModel: vision300M,
  license: usualLicense,
  visionValues: visionValues[vision300M]!,
  tableValues: vocabularySize * 3584,
  weightBytes: 16.2e9,
  note: 'critic',
}));

/** Every published model, smallest first, the one for chat before its variants; critics last. */
export const catalogue: readonly CatalogueEntry[] = [...sizes.flatMap(familyOf), ...critics];

const publishedBytes = 2;

/**
 * What an entry takes at int4: vision and lm_head in 8 bits, the token table as published and read from the disk. In
 * memory the 4-bit weights are 1.7 times what they are on the disk.
 */
export function estimateEntry(entry: CatalogueEntry): { memoryBytes: number; diskBytes: number } {
  const { weightBytes, visionValues, tableValues } = entry;
  const parts = [
    { values: visionValues + tableValues, precision: 'int8' as const },
    { values: weightBytes / publishedBytes - visionValues - 2 * tableValues, precision: 'int4' as const },
  ];
  const stored = parts.reduce((sum, part) => sum + part.values * storedBytesPerValue[part.precision], 0);
  return {
    memoryBytes: estimateUnconverted(parts, publishedConfig(entry.size)!),
    diskBytes: stored + tableValues * publishedBytes,
  };
}
