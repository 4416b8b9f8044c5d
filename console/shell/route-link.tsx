import Link from '@cloudscape-design/components/link';
import type { ReactNode } from 'react';
import { useLocation } from 'wouter';

/** A link to a page of the console: followed without loading anew, unless the reader wants another tab. */
export function RouteLink({ to, children }: { readonly to: string; readonly children: ReactNode }) {
  const [, navigate] = useLocation();
  return (
    <Link
      href={to}
      onFollow={(event) => {
        event.preventDefault();
        navigate(to);
      }}
    >
      {children}
    </Link>
  );
}
