import BreadcrumbGroup from '@cloudscape-design/components/breadcrumb-group';
import { useLocation } from 'wouter';

interface WayBackProps {
  readonly list: { readonly text: string; readonly href: string };
  /** What the page itself is called. */
  readonly here: string;
}

/** From one thing back to the list in which it stands. */
export function WayBack({ list, here }: WayBackProps) {
  const [, navigate] = useLocation();
  return (
    <BreadcrumbGroup
      items={[list, { text: here, href: '' }]}
      onFollow={(event) => {
        event.preventDefault();
        navigate(event.detail.href);
      }}
    />
  );
}
