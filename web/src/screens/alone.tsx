// For the first person ever: how others get here.
import { useTexts } from '../i18n';
import { PeopleIcon } from '../ui/icons';
import { Empty } from '../ui/state';

export function Alone() {
    const { t } = useTexts();
    return (
        <Empty icon={<PeopleIcon />} title={t('people.alone.title')} text={t('people.alone.text')}>
            <p className="alone-address" dir="ltr">
                {location.origin}
            </p>
        </Empty>
    );
}
