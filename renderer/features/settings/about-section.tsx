/** Which version this is, and what it is made of. */
import { Stack, Table, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { AppDescription } from '../../../preload/contract/system.ts';
import { carriedLibraries, licences } from './licences.ts';

export function AboutSection({ app }: { app: AppDescription | null }) {
  const { t } = useTranslation('settings');
  return (
    <Stack gap="lg">
      <div>
        <Title order={3} size="h4">
          InternVL Desktop
        </Title>
        <Text size="sm">{t('about.version', { version: app?.version ?? '…' })}</Text>
        <Text size="sm" mt="xs">
          {t('about.licence')}
        </Text>
        <Text size="sm" c="dimmed" mt="xs">
          {t('about.model')}
        </Text>
      </div>
      <Table captionSide="top" withRowBorders={false} verticalSpacing={2}>
        <Table.Caption ta="start">{t('about.parts')}</Table.Caption>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('about.part')}</Table.Th>
            <Table.Th>{t('about.partLicence')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {licences.map(({ name, licence }) => (
            <Table.Tr key={name}>
              <Table.Td>{name}</Table.Td>
              <Table.Td>{licence}</Table.Td>
            </Table.Tr>
          ))}
          {carriedLibraries.map(({ name, licence, inside }) => (
            <Table.Tr key={`${inside}/${name}`}>
              <Table.Td>
                {name} ({inside})
              </Table.Td>
              <Table.Td>{licence}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}
