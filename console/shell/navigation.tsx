import SideNavigation from '@cloudscape-design/components/side-navigation';
import { useLocation } from 'wouter';
import { useMessages } from '../messages/messages.tsx';

const PAGES = [
  ['/', 'overview'],
  ['/waiting', 'waiting'],
  ['/cases', 'cases'],
  ['/incidents', 'incidents'],
  ['/payers', 'payer'],
  ['/settings', 'settings'],
] as const;

export function Navigation() {
  const { t } = useMessages();
  const [path, navigate] = useLocation();
  const active = PAGES.find(([href]) => path === href || path.startsWith(`${href}/`));
  return (
    <SideNavigation
      activeHref={active?.[0] ?? ''}
      items={PAGES.map(([href, name]) => ({ type: 'link', href, text: t(name) }))}
      onFollow={(event) => {
        event.preventDefault();
        navigate(event.detail.href);
      }}
    />
  );
}
