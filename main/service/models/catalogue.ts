/** The InternVL3 family as published: what there is, how large it is, and what to know before choosing. */

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
  /** Weights to download, bf16. */
  weightBytes: number;
  /** Key into the texts a person reads; null where nothing needs saying. */
  note: 'pretrained' | 'instruct' | 'critic' | 'large' | null;
}

interface Size {
  size: string;
  visionModel: string;
  languageModel: string;
  weightBytes: number;
}

const vision300M = 'InternViT-300M-448px-V2_5';
const vision6B = 'InternViT-6B-448px-V2_5';

/** Model card, section "InternVL3 Family"; sizes as the repositories show them. */
const sizes: readonly Size[] = [
  { size: '1B', visionModel: vision300M, languageModel: 'Qwen2.5-0.5B', weightBytes: 1.88e9 },
  { size: '2B', visionModel: vision300M, languageModel: 'Qwen2.5-1.5B', weightBytes: 4.2e9 },
  { size: '8B', visionModel: vision300M, languageModel: 'Qwen2.5-7B', weightBytes: 15.9e9 },
  { size: '9B', visionModel: vision300M, languageModel: 'InternLM3-8B', weightBytes: 18.3e9 },
  { size: '14B', visionModel: vision300M, languageModel: 'Qwen2.5-14B', weightBytes: 30.2e9 },
  { size: '38B', visionModel: vision6B, languageModel: 'Qwen2.5-32B', weightBytes: 76.8e9 },
  { size: '78B', visionModel: vision6B, languageModel: 'Qwen2.5-72B', weightBytes: 157e9 },
];

/** Above this a single desktop seldom has the memory, at any precision. */
const largeBytes = 70e9;

function familyOf({ size, ...parts }: Size): CatalogueEntry[] {
  const entry = (ending: string, training: Training, note: CatalogueEntry['note']): CatalogueEntry => ({
    repository: `OpenGVLab/InternVL3-${size}${ending}`,
    size,
    training,
    layout: ending === '-hf' ? 'hf' : 'original',
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
  weightBytes: 16.2e9,
  note: 'critic',
}));

/** Every published model, smallest first, the one for chat before its variants; critics last. */
export const catalogue: readonly CatalogueEntry[] = [...sizes.flatMap(familyOf), ...critics];
