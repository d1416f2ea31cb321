/** A name edited in its place: Enter or leaving keeps it, Escape gives up. */
import { TextInput } from '@mantine/core';
import { useState } from 'react';

interface RenameFieldProps {
  name: string;
  label: string;
  /** Called once; null when the person gave up. */
  onDone(name: string | null): void;
}

export function RenameField({ name, label, onDone }: RenameFieldProps) {
  const [text, setText] = useState(name);
  return (
    <TextInput
      autoFocus
      size="xs"
      flex={1}
      aria-label={label}
      value={text}
      maxLength={200}
      onFocus={(event) => event.currentTarget.select()}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={() => onDone(text)}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.nativeEvent.isComposing) return;
        if (event.key === 'Enter') event.currentTarget.blur();
        if (event.key === 'Escape') onDone(null);
      }}
    />
  );
}
