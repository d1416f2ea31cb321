/** The page of keyboard shortcuts. */
import { Group, Kbd, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { isMac } from '../../ui/is-mac.ts';
import { shortcuts } from './shortcuts.ts';

export function ShortcutsSection() {
  const { t } = useTranslation('settings');
  const keyName = (key: string) => {
    if (key === 'mod') return isMac ? '⌘' : 'Ctrl';
    return key === 'Click' ? t('shortcuts.click') : key;
  };
  return (
    <Stack gap="lg">
      {(Object.keys(shortcuts) as (keyof typeof shortcuts)[]).map((group) => (
        <div key={group}>
          <Title order={3} size="h5" mb="xs">
            {t(`shortcuts.${group}.title`)}
          </Title>
          <Stack gap={6} component="dl" m={0}>
            {Object.entries(shortcuts[group]).map(([name, keys]) => (
              <Group key={name} justify="space-between" wrap="nowrap" component="div">
                <Text component="dt" size="sm">
                  {t(`shortcuts.${group}.${name}` as 'shortcuts.list.move')}
                </Text>
                <Text component="dd" m={0} style={{ whiteSpace: 'nowrap' }}>
                  {(keys as readonly string[]).map((key) => (
                    <Kbd key={key} ms={4}>
                      {keyName(key)}
                    </Kbd>
                  ))}
                </Text>
              </Group>
            ))}
          </Stack>
        </div>
      ))}
    </Stack>
  );
}
