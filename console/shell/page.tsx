import ContentLayout from '@cloudscape-design/components/content-layout';
import { type ReactNode, useEffect } from 'react';

interface PageProps {
  /** What the browser's tab says. */
  readonly title: string;
  readonly header: ReactNode;
  readonly children: ReactNode;
}

export function Page({ title, header, children }: PageProps) {
  useTitle(title);
  return <ContentLayout header={header}>{children}</ContentLayout>;
}

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Onecharge`;
  }, [title]);
}
