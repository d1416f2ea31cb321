/** The app's commands in the palette. */
import {
  IconCube,
  IconDownload,
  IconGhost2,
  IconLayoutSidebar,
  IconPencilPlus,
  IconSearch,
  IconSettings,
  IconSparkles,
  IconUpload,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { ConversationId } from '../preload/contract/ids.ts';
import { type PromptName, promptNames } from './features/chat/built-in-prompts.ts';
import { Palette } from './features/palette/palette.tsx';

const entries = [
  { name: 'newConversation', command: 'newConversation', Icon: IconPencilPlus },
  { name: 'newTemporary', command: 'newTemporary', Icon: IconGhost2 },
  { name: 'search', command: 'search', Icon: IconSearch },
  { name: 'library', command: 'models', Icon: IconCube },
  { name: 'settings', command: 'settings', Icon: IconSettings },
  { name: 'export', command: 'exportAll', Icon: IconDownload },
  { name: 'import', command: 'import', Icon: IconUpload },
  { name: 'sidebar', command: 'toggleSidebar', Icon: IconLayoutSidebar },
] as const;

interface WorkspacePaletteProps {
  onPrompt(name: PromptName): void;
  commands: Record<(typeof entries)[number]['command'], () => void>;
  onShow(id: ConversationId): void;
}

export function WorkspacePalette({ commands, onPrompt, onShow }: WorkspacePaletteProps) {
  const { t } = useTranslation('chat');
  const actions = entries.map(({ name, command, Icon }) => ({
    id: `command-${name}`,
    label: t(`palette.${name}`),
    leftSection: <Icon size={18} aria-hidden />,
    onClick: commands[command],
  }));
  const prompts = promptNames.map((name) => ({
    id: `prompt-${name}`,
    label: t(`prompts.${name}`),
    description: t(`prompts.${name}Text`),
    leftSection: <IconSparkles size={18} aria-hidden />,
    onClick: () => onPrompt(name),
  }));
  return <Palette actions={actions} prompts={prompts} onShow={onShow} />;
}
