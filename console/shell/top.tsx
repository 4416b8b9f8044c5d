import TopNavigation from '@cloudscape-design/components/top-navigation';
import { useLocation } from 'wouter';
import icon from '../icon.svg';
import { useMessages } from '../messages/messages.tsx';
import { useSession } from '../session/session.tsx';
import { usePreferencesUtility } from './preferences-menu.tsx';

export function Top() {
  const { t } = useMessages();
  const { person, signOut } = useSession();
  const [, navigate] = useLocation();
  const preferences = usePreferencesUtility();
  return (
    <header id="top">
      <TopNavigation
        identity={{
          href: '/',
          title: 'Onecharge',
          logo: { src: icon, alt: '' },
          onFollow: (event) => {
            event.preventDefault();
            navigate('/');
          },
        }}
        utilities={[
          preferences,
          {
            type: 'menu-dropdown',
            iconName: 'user-profile',
            text: person.name,
            description: person.role === undefined ? t('noRole') : t(`role.${person.role}`),
            items: [{ id: 'sign-out', text: t('signOut') }],
            onItemClick: signOut,
          },
        ]}
      />
    </header>
  );
}
