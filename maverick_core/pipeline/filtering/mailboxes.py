"""Mailboxes that are nobody's own, and domains where anybody has one.

Lists of our own: no package keeps them. A name is here only if it is hardly ever a person's, so
``may``, ``mark`` or ``art`` are not, though offices use them.
"""

from __future__ import annotations

import re
from typing import Final

_ROLES: Final = """
abuse accounting accounts accountspayable accountsreceivable admin administration administrator
admissions advertising agency agents all assistance auto benefits billing board bookings
bookkeeping bookkeeper business careers certificates claims commercial commerciallines
communications compliance contact contactus contracts corporate creditors
customercare customerservice customersupport data dataprivacy deals director directors dispatch
dmarc donations editor email employment enquiries enquiry escalations events everyone executive
feedback finance fraud frontdesk general generalenquiries generalinfo group groupbenefits hello
help helpdesk hi hostmaster hr hrdepartment humanresources info information inquiries inquiry
insurance investors invoice invoices it jobs legal list lists listserv login mail mailbox
mailer-daemon mailerdaemon mailman main mainoffice manager marketing media members membership
networking news newsletter nobody noc no-reply noreply donotreply do-not-reply notifications
office officeadmin officemanager online operations orders owner partners partnerships payable
payments payroll personallines policies policy postmaster pr president press privacy processing
procurement publicrelations purchasing quote quotes reception receptionist recruiting
recruitment referrals registrar renewals reply reports requests reservations resumes returns
root sales salesteam schedule scheduling secretary security service services shipping shop
social spam staff store student subscribe subscriptions support sysadmin tax team tech
techsupport test tickets training treasurer underwriting undisclosed-recipients unsubscribe
usenet uucp vendor vendors voicemail webadmin webmaster website welcome www
"""

_FREE: Final = """
aim.com aol.com aol.co.uk att.net bellsouth.net bigpond.com btinternet.com cableone.net
centurylink.net centurytel.net charter.net comcast.net cox.net duck.com earthlink.net email.com
embarqmail.com excite.com fastmail.com fastmail.fm frontier.com frontiernet.net gmail.com
gmx.at gmx.com gmx.de gmx.net gmx.us googlemail.com hey.com hotmail.ca hotmail.co.uk hotmail.com
hotmail.de hotmail.es hotmail.fr hotmail.it hughes.net hushmail.com icloud.com inbox.com
insightbb.com juno.com lavabit.com live.ca live.co.uk live.com live.de live.fr live.nl lycos.com
mac.com mail.com mail.ru mailfence.com me.com mindspring.com msn.com myself.com
netscape.com netscape.net netzero.com netzero.net optimum.net optonline.net orange.fr
outlook.com outlook.de outlook.es outlook.fr pacbell.net peoplepc.com pm.me prodigy.net proton.me
protonmail.ch protonmail.com qq.com q.com rediffmail.com rocketmail.com roadrunner.com
rogers.com rr.com sbcglobal.net shaw.ca sky.com snet.net suddenlink.net swbell.net sympatico.ca
t-online.de talktalk.net tds.net telus.net tiscali.co.uk tuta.com tutanota.com tutanota.de
tutamail.com usa.net usa.com verizon.net virginmedia.com web.de windstream.net wowway.com
yahoo.ca yahoo.co.in yahoo.co.jp yahoo.co.uk yahoo.com yahoo.com.au yahoo.com.br yahoo.com.mx
yahoo.de yahoo.es yahoo.fr yahoo.in yahoo.it yandex.com yandex.ru ymail.com zoho.com
zohomail.com
"""

ROLE_ACCOUNTS: Final = frozenset(_ROLES.split())
FREE_MAIL_DOMAINS: Final = frozenset(_FREE.split())

_COUNTED = re.compile(r"^([a-z.-]+?)[._-]?\d{1,3}$")
_SEPARATORS = str.maketrans("", "", "._-")
_JOINED: Final = frozenset(name.translate(_SEPARATORS) for name in ROLE_ACCOUNTS)


def is_role_account(local: str) -> bool:
    """Say whether the part before the ``@`` is a function: ``info``, ``customer.service``, ``hr2``.

    What follows a plus is a tag and says nothing.
    """
    name = local.partition("+")[0]
    if name in ROLE_ACCOUNTS:
        return True
    if name.isalpha():
        return False
    counted = _COUNTED.match(name)
    if counted:
        name = counted[1]
    return name.translate(_SEPARATORS) in _JOINED


def is_free_mail(domain: str) -> bool:
    """Say whether anybody gets a mailbox at ``domain`` for nothing."""
    return domain in FREE_MAIL_DOMAINS
