/** A coloured box that says something; its title in the colour of text, since coloured words on colour are hard to read. */
import { Alert, type AlertProps } from '@mantine/core';

export function Notice(props: AlertProps) {
  return <Alert {...props} styles={{ label: { color: 'var(--mantine-color-text)' } }} />;
}
