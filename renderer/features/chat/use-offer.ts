/** Puts what was given from outside into the composer, once. */
import { useEffect } from 'react';
import { api } from '../../api.ts';
import { showFailure } from '../../ui/show-failure.ts';
import type { PromptName } from './built-in-prompts.ts';
import type { Offer } from './chat-types.ts';
import type { Composer } from './use-composer.ts';

export function useOffer(
  offered: Offer | null,
  onTaken: () => void,
  takers: { composer: Composer; onPrompt(name: PromptName): void },
): void {
  const { composer, onPrompt } = takers;
  // biome-ignore lint/correctness/useExhaustiveDependencies: an offer is taken when it comes, not when the composer changes
  useEffect(() => {
    if (!offered) return;
    onTaken();
    if (offered.uploadIds) composer.addUploads(offered.uploadIds);
    if (offered.prompt !== undefined) onPrompt(offered.prompt);
    if (offered.question !== undefined) composer.setText(offered.question);
    if (offered.sampleId === undefined) return;
    api
      .addSample({ id: offered.sampleId })
      .then(({ attachment, name }) => composer.addAttachment(attachment, name), showFailure);
  }, [offered]);
}
