/** What choosing a token costs at the family's vocabulary, in milliseconds of one core: `npm run bench -- sampler`. */
import { createRandom } from '../../native-models/inference/random.ts';
import { type SamplingChoice, sampleToken } from '../../native-models/inference/sampler.ts';

const vocabulary = 151_674;
const draws = 150;
const random = createRandom(1);

/** Three likely tokens before a bell curve of unlikely ones, as a language model gives them. */
const logits = Float32Array.from({ length: vocabulary }, () => {
  const radius = Math.sqrt(-2 * Math.log(1 - random()));
  return 2.5 * radius * Math.cos(2 * Math.PI * random());
});
logits.set([18, 17, 16], 500);

const none: SamplingChoice = { temperature: 1, topK: 0, topP: 1, minP: 0 };
const choices: Record<string, SamplingChoice> = {
  greedy: { ...none, temperature: 0 },
  'min-p 0.05': { ...none, minP: 0.05 },
  'top-k 40, top-p 0.95': { ...none, topK: 40, topP: 0.95 },
  'temperature 0.7, top-p 0.9': { ...none, temperature: 0.7, topP: 0.9 },
  'no limits': none,
  'temperature 1.5, top-p 0.9': { ...none, temperature: 1.5, topP: 0.9 },
};

for (const [name, choice] of Object.entries(choices)) {
  const times = Array.from({ length: draws }, () => {
    const before = process.cpuUsage();
    sampleToken(logits, choice, random);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  }).sort((a, b) => a - b);
  const [tenth, median] = [times[draws / 10]!, times[draws / 2]!].map((ms) => ms.toFixed(2));
  console.log(`${name}: median ${median} ms, best tenth below ${tenth} ms`);
}
