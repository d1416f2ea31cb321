/** The benchmarks of the model card: how each asks, what counts as right, and how it is usually run. */
import {
  directAnswer,
  letterAnswer,
  type MetricName,
  type Question,
  shortAnswer,
  yesNoAnswer,
} from './question.ts';

export interface Benchmark {
  /** As its files, or the folder around them, are called, without ending and case; `*` stands for anything. */
  names: readonly string[];
  title: string;
  /** Of questions without choices; those with choices ask for a letter. */
  metric: MetricName;
  /** Sentence put behind a question without choices; null where the question holds its own. */
  instruction: string | null;
  /** Sentence put behind a question with choices; null where the question holds its own. */
  choiceInstruction: string | null;
  /** Line before every question. */
  lead: string | null;
  /** Line before the choices. */
  choicesLead: string | null;
  maxTiles: number;
  frames: number;
  maxNewTokens: number;
  /** Its score: the mean of all questions, or of the groups' means. */
  score: 'mean' | 'mean-of-groups';
  /** Figures of the whole set that its papers report besides. */
  figures: 'mme' | 'yes-no' | 'points' | null;
}

function benchmark(
  title: string,
  names: string,
  own: Partial<Benchmark> & Pick<Benchmark, 'metric'>,
): Benchmark {
  return {
    title,
    names: names.split(' '),
    instruction: null,
    choiceInstruction: letterAnswer,
    lead: null,
    choicesLead: null,
    maxTiles: 6,
    frames: 0,
    maxNewTokens: 100,
    score: 'mean',
    figures: null,
    ...own,
  };
}

const film = { maxTiles: 1, frames: 32 };
const inTheirLanguage = 'Answer the question using a word or phrase in the language of the question.';

/**
 * Tiles: VLMEvalKit (vlmeval/vlm/internvl/internvl_chat.py, `set_max_num`); TextVQA as the family's own evaluate.sh.
 * Instructions: the data set's class in vlmeval/dataset. Groups count equally where the benchmark's paper says so.
 */
export const benchmarks: readonly Benchmark[] = [
  benchmark('DocVQA', 'docvqa*', { metric: 'anls', instruction: shortAnswer, maxTiles: 18 }),
  benchmark('InfoVQA', 'infovqa* infographicsvqa*', {
    metric: 'anls',
    instruction: shortAnswer,
    maxTiles: 24,
  }),
  benchmark('ChartQA', 'chartqa*', {
    metric: 'relaxedAccuracy',
    instruction: shortAnswer,
    maxTiles: 12,
    score: 'mean-of-groups', // written by people, and made from captions
  }),
  benchmark('TextVQA', 'textvqa*', {
    metric: 'vqaAccuracy',
    instruction: shortAnswer,
    maxTiles: 24,
    maxNewTokens: 10,
  }),
  benchmark('OCRBench', 'ocrbench*', { metric: 'containment', maxTiles: 24, figures: 'points' }),
  benchmark('MTVQA', 'mtvqa*', { metric: 'containment', instruction: inTheirLanguage }),
  benchmark('MathVista', 'mathvista*', { metric: 'exactMatch', choiceInstruction: null, maxNewTokens: 1024 }),
  benchmark('MMMU', 'mmmu*', { metric: 'containment', instruction: directAnswer, maxTiles: 12 }),
  benchmark('BLINK', 'blink*', { metric: 'containment', instruction: directAnswer }),
  benchmark('RealWorldQA', 'realworldqa*', { metric: 'containment', instruction: directAnswer }),
  benchmark('MME', 'mme mme_*', { metric: 'yesNo', figures: 'mme' }),
  benchmark('POPE', 'pope* coco_pope* aokvqa_pope* gqa_pope*', {
    metric: 'yesNo',
    instruction: yesNoAnswer,
    figures: 'yes-no',
  }),
  benchmark('RefCOCO', 'refcoco*', { metric: 'boxIou' }),
  benchmark('ScreenSpot', 'screenspot*', { metric: 'pointInBox', maxTiles: 12 }),
  benchmark('VSI-Bench', 'vsi-bench* vsibench* vsi_bench*', {
    ...film,
    metric: 'meanRelativeAccuracy',
    lead: 'These are frames of a video.',
    choicesLead: 'Options:',
    instruction: `Please ${shortAnswer[0]!.toLowerCase()}${shortAnswer.slice(1)}`,
    score: 'mean-of-groups',
  }),
  benchmark('Video-MME', 'video-mme* videomme* video_mme*', { ...film, metric: 'containment' }),
  benchmark('MMLU', 'mmlu*', { metric: 'containment', maxTiles: 1 }),
  benchmark('GSM8K', 'gsm8k*', { metric: 'lastNumber', maxTiles: 1, maxNewTokens: 1024 }),
];

/** The benchmark that a file's name means; null for one that is none of the card's. */
export function findBenchmark(fileName: string): Benchmark | null {
  const bare = fileName.replace(/\.[^.]+$/, '').toLowerCase();
  const matches = (name: string) => (name.endsWith('*') ? bare.startsWith(name.slice(0, -1)) : bare === name);
  return benchmarks.find(({ names }) => names.some(matches)) ?? null;
}

/** How a benchmark runs and scores a question of so many choices. */
export function settingsOf(
  { metric, maxTiles, frames, maxNewTokens }: Benchmark,
  choices: readonly string[] = [],
): Pick<Question, 'metric' | 'maxTiles' | 'frames' | 'maxNewTokens' | 'choices'> {
  return {
    metric: choices.length > 0 ? 'choiceLetter' : metric,
    choices: choices.map(withoutLetter),
    maxTiles,
    frames,
    maxNewTokens,
  };
}

/** The question as the benchmark asks it: its lead, the question, the choices by letter, its instruction. */
export function askWithChoices(
  question: string,
  choices: readonly string[],
  { lead, choicesLead, instruction, choiceInstruction }: Benchmark,
): string {
  const hasChoices = choices.length > 0;
  const lines = choices.map((choice, at) => `${choiceLetters[at]}. ${withoutLetter(choice)}`);
  const last = hasChoices ? choiceInstruction : instruction;
  return [lead, question, hasChoices ? choicesLead : null, ...lines, last]
    .filter((line) => line !== null)
    .join('\n');
}

export const choiceLetters = [...'ABCDEFGHIJ'];

/** Some data sets write the letter before each choice, some don't. */
function withoutLetter(choice: string): string {
  return choice.replace(/^\(?[A-J][.):]\s*/, '');
}
