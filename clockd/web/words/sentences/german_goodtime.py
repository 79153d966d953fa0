"""What stands between clockd and a Goodtime account, in German."""

from collections.abc import Mapping

GERMAN_GOODTIME: Mapping[str, str] = {
    # the login
    "Goodtime refuses our login": "Goodtime weist unsere Anmeldung ab",
    "check the credentials goodtime-login-email and goodtime-api-password, and that the REST API is switched on "
    "(Goodtime: settings, tab Security)": (
        "prüfen Sie die Credentials goodtime-login-email und goodtime-api-password, und ob die REST-API eingeschaltet "
        "ist (Goodtime: Einstellungen, Reiter Sicherheit)"
    ),
    "{to_do} ({shown})": "{to_do} ({shown})",
    "{to_do}; clockd tries again by itself in {minutes:.0f} min, or at once with others, or when you say clockd sync": (
        "{to_do}; es wird von selbst in {minutes:.0f} min wieder versucht, mit anderen sofort"
    ),
    "the credentials goodtime-login-email and goodtime-api-password are missing": (
        "die Credentials goodtime-login-email und goodtime-api-password fehlen"
    ),
    "put them where README.md, “Secrets”, says": "legen Sie sie dorthin, wo README.md, „Secrets“, es sagt",
    "Goodtime gives a token and then refuses it ({shown})": (
        "Goodtime gibt einen Token aus und nimmt ihn dann nicht an ({shown})"
    ),
    "check tracker.token_header and tracker.token_prefix, and the rights of goodtime-login-email": (
        "prüfen Sie tracker.token_header und tracker.token_prefix, und die Rechte von goodtime-login-email"
    ),
    "no login: {why}": "keine Anmeldung: {why}",
    "the login failed: {shown}": "die Anmeldung schlug fehl: {shown}",
    "the login was answered with a page: wrong tracker.url, wrong credentials, or a captive portal": (
        "auf die Anmeldung kam eine Webseite: tracker.url oder Credentials sind falsch, oder das Netz verlangt eine "
        "Anmeldung"
    ),
    "the login's answer holds no token": "die Antwort auf die Anmeldung enthält keinen Token",
    "{found}; if it stays so: {to_do}": "{found}; wenn es so bleibt: {to_do}",
    # the address, and what answers there
    "this server does not know Goodtime's paths ({shown})": "dieser Server kennt Goodtimes Pfade nicht ({shown})",
    "the server does not know Goodtime's paths (any more)": "der Server kennt Goodtimes Pfade nicht (mehr)",
    'tracker.url must be everything before /api, as "https://getgoodtime.com/goodtime-rs"': (
        'tracker.url muss alles vor /api sein, wie "https://getgoodtime.com/goodtime-rs"'
    ),
    "Goodtime redirects to {address}": "Goodtime leitet weiter zu {address}",
    "write that address into tracker.url": "schreiben Sie diese Adresse in tracker.url",
    "something on the way answers in the tracker's place, with a success that holds nothing of what was asked for": (
        "unterwegs antwortet etwas anstelle der Zeiterfassung, mit einem Erfolg, in dem nichts vom Gefragten steht"
    ),
    "a network that wants a login (captive portal), a proxy, or another service at tracker.url": (
        "ein Netz, das eine Anmeldung verlangt, ein Proxy, oder ein anderer Dienst unter tracker.url"
    ),
    "Goodtime says: too many requests": "Goodtime sagt: zu viele Anfragen",
    "too many requests": "zu viele Anfragen",
    "wait, it is tried again": "warten Sie, es wird wieder versucht",
    "it is tried again": "es wird wieder versucht",
    "it is tried again; or {to_do}": "es wird wieder versucht; oder {to_do}",
    "Goodtime refuses even a greeting ({shown})": "Goodtime weist schon einen Gruß ab ({shown})",
    "a page instead of a greeting: another server, or a login page in between (captive portal)": (
        "eine Webseite statt eines Grußes: ein anderer Server, oder das Netz verlangt eine Anmeldung"
    ),
    "Goodtime answered with {what}": "Goodtime antwortete mit: {what}",
    "HTTP {status} with {what}": "HTTP {status} mit: {what}",
    "a page instead of JSON": "einer Webseite statt JSON",
    "an empty reply": "einer leeren Antwort",
    "a reply that is not JSON, or only a part of it": "einer Antwort, die kein JSON ist, oder nur ein Teil davon",
    "a reply that is longer than {most} bytes": "einer Antwort von mehr als {most} Bytes",
    "Goodtime answered with a complaint: {words}": "Goodtime antwortete mit einer Beschwerde: {words}",
    "Goodtime answered with JSON that is no list": "Goodtime antwortete mit JSON, das keine Liste ist",
    "Goodtime answered with {count} rows, more than anybody can have asked for": (
        "Goodtime antwortete mit {count} Zeilen, mehr als irgendjemand gefragt haben kann"
    ),
    "Goodtime answered with a list of something that is no row": (
        "Goodtime antwortete mit einer Liste von etwas, das keine Zeile ist"
    ),
    "Goodtime answered with a row without id": "Goodtime antwortete mit einer Zeile ohne Id",
    "Goodtime answered with entries of several users, and does not name them by their e-mails": (
        "Goodtime antwortete mit Einträgen mehrerer Personen und nennt deren E-Mail-Adressen nicht"
    ),
    "Goodtime answered with an entry whose id or time cannot be read": (
        "Goodtime antwortete mit einem Eintrag, dessen Id oder Zeit nicht lesbar ist"
    ),
    "this Goodtime speaks version 1.1 of the interface only; clockd needs time-v2.1": (
        "dieses Goodtime spricht nur Version 1.1 der Schnittstelle; clockd braucht time-v2.1"
    ),
    "ask Goodtime to switch version 2.1 on for the account": (
        "bitten Sie Goodtime, für das Konto Version 2.1 einzuschalten"
    ),
    "{shown}, and then Goodtime was not to be reached: {why}": "{shown}, und dann war Goodtime nicht erreichbar: {why}",
    "{shown}, and the time types could not be read: {why}": "{shown}, und die Zeitarten waren nicht lesbar: {why}",
    # an employee, an entry
    "Goodtime does not show this employee ({shown})": "Goodtime zeigt diese Person nicht ({shown})",
    "Goodtime does not book for {name}: unknown, closed, or without permission ({why})": (
        "Goodtime bucht nicht für {name}: unbekannt, geschlossen, oder ohne Erlaubnis ({why})"
    ),
    "Goodtime does not let us delete the entry; it may be locked ({why})": (
        "Goodtime lässt uns den Eintrag nicht löschen; vielleicht ist er gesperrt ({why})"
    ),
    "HTTP 303 See Other, which may follow on a success": "HTTP 303 See Other, was auf einen Erfolg folgen kann",
    "Goodtime answers with somebody else's entry": "Goodtime antwortet mit dem Eintrag einer anderen Person",
    "a yes without an id": "ein Ja ohne Id",
    "a yes without an id that could be read": "ein Ja ohne lesbare Id",
    "a yes with other times than were sent": "ein Ja mit anderen Zeiten als gesendet",
    "a yes with an empty list of ids": "ein Ja mit einer leeren Liste von Ids",
    "a yes with {count} entries": "ein Ja mit {count} Einträgen",
    "a yes that holds a complaint: {shown}": "ein Ja mit einer Beschwerde darin: {shown}",
    "a yes that holds something else: {shown}": "ein Ja mit etwas anderem darin: {shown}",
    "deleted, it seems: {shown}": "gelöscht, wie es scheint: {shown}",
    # time types and projects
    "of Goodtime's time types {found}": "von Goodtimes Zeitarten: {found}",
    "among the projects of {username} in Goodtime {found}": "unter den Projekten von {username} in Goodtime: {found}",
    "none is called {name}; there are none": "keine heißt {name}; es gibt keine",
    "none is called {name}; there is {names}": "nichts heißt {name}; es gibt {names}",
    "none is called {name}; there are {names}": "nichts heißt {name}; es gibt {names}",
    "{count} are called {name}; write the id: {ids}": "{count} heißen {name}; schreiben Sie die Id: {ids}",
    "write into [tracker]: time_type = {name}": "schreiben Sie in [tracker]: time_type = {name}",
    "make one in Goodtime": "legen Sie eine in Goodtime an",
    "make it in Goodtime, or write another into the [[button]]: until then its punches are held": (
        "legen Sie sie in Goodtime an, oder schreiben Sie eine andere in den [[button]]: bis dahin warten die Buchungen"
    ),
    "the time type we book on ({id}) is gone from Goodtime": (
        "die Zeitart, auf die wir buchen ({id}), gibt es in Goodtime nicht mehr"
    ),
    "the time types could not be read: {why}": "die Zeitarten waren nicht lesbar: {why}",
    "the projects of {username} could not be read: {why}": "die Projekte von {username} waren nicht lesbar: {why}",
    "the projects of {username} cannot be read; are projects switched on? ({why})": (
        "die Projekte von {username} sind nicht lesbar; sind Projekte eingeschaltet? ({why})"
    ),
    "a badge's username must be the person's login e-mail in Goodtime (clockd badges list)": (
        "der Benutzername eines Badges muss die E-Mail-Adresse sein, mit der sich die Person bei Goodtime anmeldet"
    ),
    # how Goodtime writes times
    "tracker.time_format: {mistake}": "tracker.time_format: {mistake}",
    'write into [tracker] how Goodtime writes times, as: time_format = "%Y-%m-%dT%H:%M:%S"': (
        'schreiben Sie in [tracker], wie Goodtime Zeiten schreibt, etwa: time_format = "%Y-%m-%dT%H:%M:%S"'
    ),
    "write into [tracker]: time_format = {format}": "schreiben Sie in [tracker]: time_format = {format}",
    "{why}; {more}": "{why}; {more}",
    "or {to_do}": "oder {to_do}",
    "{answers}": "{answers}",
    "{username}: {why}": "{username}: {why}",
    "and {count} more": "und {count} weitere",
    "asked about {username}: {why}": "gefragt nach {username}: {why}",
    "asked about so far: {count} of {all} users": "gefragt wurde bisher nach {count} von {all} Personen",
    "Goodtime understands no question about time entries that clockd knows": (
        "Goodtime versteht keine der Fragen nach Zeiteinträgen, die clockd kennt"
    ),
    "Goodtime did not understand yet how clockd asks about time entries": (
        "Goodtime hat noch nicht verstanden, wie clockd nach Zeiteinträgen fragt"
    ),
    "Goodtime shows nobody's time entries to this login": "Goodtime zeigt dieser Anmeldung niemandes Zeiteinträge",
    "check the login's rights": "prüfen Sie die Rechte der Anmeldung",
    "Goodtime's answers about time entries could not be read": (
        "Goodtimes Antworten auf Fragen nach Zeiteinträgen waren nicht lesbar"
    ),
    "no time entry was found to learn Goodtime's time format from; looked at so far: the last {days} days of {recent} "
    "of {all} users, the last {many_days} days of {whole}": (
        "es fand sich kein Zeiteintrag, aus dem zu lernen wäre, wie Goodtime Zeiten schreibt; angesehen wurden bisher "
        "die letzten {days} Tage von {recent} der {all} Personen, die letzten {many_days} Tage von {whole}"
    ),
    "not shown to this login: {count}": "dieser Anmeldung nicht gezeigt: {count}",
    "enter one by hand in Goodtime, of the last {days} days, for {whom}: clockd notices it within about {minutes} min, "
    "or {sooner} with clockd sync": (
        "tragen Sie in Goodtime von Hand einen ein, aus den letzten {days} Tagen, für {whom}: er wird innerhalb von "
        "etwa {minutes} min bemerkt"
    ),
    "any of our employees": "irgendwen mit einem Badge",
    "anybody": "irgendwen",
    "at once": "sofort",
    "sooner": "eher",
    'it shows whether the "Z" that Goodtime understands is UTC or the wall clock': (
        "er zeigt, ob das „Z“, das Goodtime versteht, UTC ist oder die Ortszeit"
    ),
    "clockd does not know the time format of {sample}": "clockd kennt die Schreibweise von {sample} nicht",
    "an entry of {username} begins at {sample}; clockd cannot write times of twelve hours, so it writes nothing": (
        "ein Eintrag von {username} beginnt um {sample}; clockd kann keine Zeiten mit zwölf Stunden schreiben und "
        "schreibt darum nichts"
    ),
    "switch the account to 24 hours, if Goodtime can; the punches are kept meanwhile": (
        "stellen Sie das Konto auf 24 Stunden um, wenn Goodtime das kann; die Buchungen werden solange aufgehoben"
    ),
    "an entry of {username} begins at {sample}, and it is not clear whether that is UTC or the wall clock": (
        "ein Eintrag von {username} beginnt um {sample}, und es ist nicht klar, ob das UTC ist oder die Ortszeit"
    ),
    "look at it in Goodtime. If it shows {as_utc:%d %b %H:%M}, write into [tracker]: time_format = {format}; if it "
    "shows {as_wall:%d %b %H:%M}: time_format = {other}": (
        "sehen Sie ihn in Goodtime an. Zeigt er {as_utc:%d.%m. %H:%M}, schreiben Sie in [tracker]: time_format = "
        "{format}; zeigt er {as_wall:%d.%m. %H:%M}: time_format = {other}"
    ),
    "an entry of {username} begins at {sample}, and no entry looked at so far shows whether that is UTC or the wall "
    "clock: on such days both are the same in {zone}": (
        "ein Eintrag von {username} beginnt um {sample}, und kein bisher angesehener Eintrag zeigt, ob das UTC ist "
        "oder die Ortszeit: an solchen Tagen ist beides in {zone} gleich"
    ),
    "on a day when the clocks differ from UTC": "für einen Tag, an dem die Ortszeit von UTC abweicht",
    "on a day when the clocks differ from UTC, such as {day:%d %b %Y}": (
        "für einen Tag, an dem die Ortszeit von UTC abweicht, etwa den {day:%d.%m.%Y}"
    ),
    "enter one by hand in Goodtime for {username} {when}; clockd finds it and asks what Goodtime shows; then it may be "
    "deleted": (
        "tragen Sie in Goodtime für {username} von Hand einen ein, {when}; clockd findet ihn und fragt, was Goodtime "
        "zeigt; danach darf er gelöscht werden"
    ),
    "tracker.time_format cannot read {sample}, an entry of {username}": (
        "tracker.time_format kann {sample} nicht lesen, einen Eintrag von {username}"
    ),
    "tracker.time_format reads {sample}, an entry of {username}, as {read:%d %b %Y %H:%M}; asked was for "
    "{begin:%d %b %Y} to {end:%d %b %Y}": (
        "tracker.time_format liest {sample}, einen Eintrag von {username}, als {read:%d.%m.%Y %H:%M}; gefragt war nach "
        "{begin:%d.%m.%Y} bis {end:%d.%m.%Y}"
    ),
    "make terminal.time_zone and the time zone in Goodtime's settings the same": (
        "stellen Sie terminal.time_zone und die Zeitzone in Goodtimes Einstellungen gleich"
    ),
}
