/** Puts a built-in prompt into the composer, or asks for what it still needs. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  type ExtractionForm,
  type PromptName,
  promptWords,
  taskOfPrompt,
  withPrompt,
} from './built-in-prompts.ts';
import type { Composer } from './use-composer.ts';

export function usePrompts(composer: Composer) {
  const { i18n } = useTranslation();
  const [isChoosingForm, setChoosingForm] = useState(false);
  return {
    isChoosingForm,
    endChoosing: () => setChoosingForm(false),
    choose(name: PromptName) {
      if (name === 'extraction') {
        setChoosingForm(true);
        return;
      }
      composer.setTask(taskOfPrompt(name));
      const words = promptWords(name, i18n.language);
      if (words !== null) composer.setText(withPrompt(composer.text, words, i18n.language));
    },
    extract: ({ name, schema }: ExtractionForm) => composer.setTask({ type: 'extraction', name, schema }),
  };
}
