/** The prompts that the family was trained with: thinking, pointing at things, steps on a screen. */

/**
 * System text of thinking mode, in place of the model's own. Source: VLMEvalKit, vlmeval/vlm/internvl/internvl_chat.py,
 * `R1_SYSTEM_PROMPT`.
 */
export const thinkingSystemText = `You are an AI assistant that rigorously follows this response protocol:

1. First, conduct a detailed analysis of the question. Consider different angles, potential solutions, and reason through the problem step-by-step. Enclose this entire thinking process within <think> and </think> tags.

2. After the thinking section, provide a clear, concise, and direct answer to the user's question. Separate the answer from the think section with a newline.

Ensure that the thinking process is thorough but remains focused on the query. The final answer should be standalone and not reference the thinking section.`;

/** Thinking is sampled: greedy reasoning repeats itself. Source as above. */
export const thinkingTemperature = 0.6;

/** System text for steps on a screenshot. Source: OpenGVLab/InternVL issue 998. */
export const guiAgentSystemText =
  'You are InternVL, a GUI agent. \n\nYou are given a task and a screenshot of the screen. You need to perform a series of pyautogui actions to complete the task.';

/** How candidates after the first are sampled; the first is greedy. Source: VisualPRM's Best-of-N (arXiv 2503.10291). */
export const candidateSampling = { temperature: 0.7, topP: 0.95 };

/** Asks for a box. Source: internvl_chat/eval/refcoco/evaluate_grounding.py of the InternVL repository. */
export function groundingQuestion(phrase: string): string {
  return `Please provide the bounding box coordinate of the region this sentence describes: <ref>${phrase}</ref>`;
}
