"""Why the tracker cannot be reached or refuses everything, in German."""

from collections.abc import Mapping

GERMAN_LINE: Mapping[str, str] = {
    "no answer: {why}": "keine Antwort: {why}",
    "not sent: {why}": "nicht gesendet: {why}",
    "too many requests in the last minute": "zu viele Anfragen in der letzten Minute",
    "nothing was changed; clockd status tells more": "nichts wurde geändert; die Seite Jetzt sagt mehr",
    "the tracker answered {status}": "die Zeiterfassung antwortete mit {status}",
    "throttled by the tracker until {until:%H:%M:%S} UTC: somebody else uses the same key; going on by itself": (
        "von der Zeiterfassung gebremst bis {until:%H:%M:%S} UTC: noch jemand benutzt denselben "
        "Schlüssel; es geht von selbst weiter"
    ),
    "{found}: {to_do}": "{found}: {to_do}",
    "clockd is stopping": "clockd hält an",
    "no answer within {too_slow_s:g} s": "keine Antwort innerhalb von {too_slow_s:g} s",
    "no whole answer within {too_slow_s:g} s": "keine ganze Antwort innerhalb von {too_slow_s:g} s",
    "the connection broke before the reply was whole": "die Verbindung brach ab, bevor die Antwort ganz da war",
    "the connection ended without a whole HTTP reply": "die Verbindung endete ohne eine ganze Antwort von HTTP",
    "the reply cannot be unpacked": "die Antwort lässt sich nicht entpacken",
    "the reply is no HTTP": "die Antwort ist kein HTTP",
    "the reply ends in the middle": "die Antwort endet in der Mitte",
    "the reply is longer than {most} bytes": "die Antwort ist länger als {most} Bytes",
    "the head of the reply is longer than {most} bytes": "der Kopf der Antwort ist länger als {most} Bytes",
    "the tracker refused {count} employees within 10 minutes ({why}): check the rights of the key, then retry the held "
    "punches": (
        "die Zeiterfassung hat {count} Personen innerhalb von 10 Minuten abgewiesen ({why}): prüfen Sie die Rechte des "
        "Schlüssels, und versuchen Sie die Buchungen dann erneut"
    ),
    "somebody else sends it": "jemand anders sendet es",
    "no tracker is configured": "es ist keine Zeiterfassung eingestellt",
    "[tracker] in clockd.toml": "[tracker] in clockd.toml",
    "the tracker does not show its entries: {why}": "die Zeiterfassung zeigt ihre Einträge nicht: {why}",
    # what the tracker's answer means
    "{status} without an explanation": "{status} ohne Erklärung",
    "{status} with {what}": "{status} mit {what}",
    "{status} with an empty web page": "{status} mit einer leeren Webseite",
    "a web page": "einer Webseite",
    "something that is not JSON": "etwas, das kein JSON ist",
    "no proof that it was done: {why}": "kein Beweis, dass es getan ist: {why}",
    "look before you repeat it": "sehen Sie nach, bevor Sie es wiederholen",
    "nothing was changed; try again": "nichts wurde geändert; versuchen Sie es erneut",
    "it may have been done: look before you repeat it": (
        "vielleicht ist es getan: sehen Sie nach, bevor Sie es wiederholen"
    ),
    "the tracker has had too many requests": "die Zeiterfassung hat zu viele Anfragen bekommen",
    "nothing was changed; the lists (… list) show what is there": "nichts wurde geändert",
    "clockd status says what the tracker lets us do": "die Seite Jetzt sagt, wie es um die Zeiterfassung steht",
    "the tracker does not accept App Key and App Secret ({why}): put the ones of TimeTrack's Settings"
    " / General / API into the credentials timetrack-api-key and timetrack-api-secret": (
        "die Zeiterfassung nimmt App Key und App Secret nicht an ({why}): legen Sie die von TimeTrack, "
        "Settings / General / API, in die Credentials timetrack-api-key und timetrack-api-secret"
    ),
    "somebody on the way to the tracker refuses us ({why}): a proxy, a firewall, or a wrong "
    "tracker.url or timer path": (
        "jemand auf dem Weg zur Zeiterfassung weist uns ab ({why}): ein Proxy, eine Firewall, oder "
        "tracker.url oder ein Pfad eines Timers ist falsch"
    ),
    "the tracker has no such page ({why}): check tracker.url, tracker.attendance_timer_path and "
    "tracker.project_timer_path": (
        "die Zeiterfassung hat keine solche Seite ({why}): prüfen Sie tracker.url, "
        "tracker.attendance_timer_path und tracker.project_timer_path"
    ),
    "the network wants a login before it lets us out": "das Netz verlangt eine Anmeldung, bevor es uns hinauslässt",
    "the tracker sends us away ({where}): either the network wants a login, or tracker.url is not the"
    " tracker's own address": (
        "die Zeiterfassung schickt uns weiter ({where}): entweder verlangt das Netz eine Anmeldung, oder "
        "tracker.url ist nicht ihre eigene Adresse"
    ),
    # name, line and proxy
    "{host} through the proxy": "{host} über den Proxy",
    "no connection to {where}: {reason}": "keine Verbindung zu {where}: {reason}",
    "no connection to {where} within {too_slow_s:g} s": "keine Verbindung zu {where} innerhalb von {too_slow_s:g} s",
    "the name of {host} cannot be resolved: no name server answers. Is this machine in the network "
    "(cable, Wi-Fi), and may it ask the network's name server?": (
        "der Name von {host} lässt sich nicht auflösen: kein Nameserver antwortet. Ist dieses Gerät im "
        "Netz (Kabel, WLAN), und darf es den Nameserver des Netzes fragen?"
    ),
    "the name of {host} cannot be resolved: check the host in {key}, and the network's name server": (
        "der Name von {host} lässt sich nicht auflösen: prüfen Sie den Namen in {key} und den Nameserver des Netzes"
    ),
    "{host} refuses connections: check the port in {key}; or its service is down": (
        "{host} lehnt Verbindungen ab: prüfen Sie den Port in {key}; oder der Dienst dort läuft nicht"
    ),
    "no way to {host}: {reason}. Is this machine in the network (cable, Wi-Fi)?": (
        "kein Weg zu {host}: {reason}. Ist dieses Gerät im Netz (Kabel, WLAN)?"
    ),
    "the proxy {proxy}": "der Proxy {proxy}",
    "{named} hangs up, or speaks no HTTP: check the port in tracker.proxy": (
        "{named} legt auf oder spricht kein HTTP: prüfen Sie den Port in tracker.proxy"
    ),
    "{named} gives no answer about {host} within {too_slow_s:g} s": (
        "{named} antwortet zu {host} nicht innerhalb von {too_slow_s:g} s"
    ),
    "no connection to {named} within {too_slow_s:g} s: check tracker.proxy": (
        "{named} nimmt innerhalb von {too_slow_s:g} s keine Verbindung an: prüfen Sie tracker.proxy"
    ),
    "{named} does not accept our user and password (407): check the user in tracker.proxy and the "
    "credential tracker-proxy-password": (
        "{named} nimmt Benutzer und Passwort nicht an (407): prüfen Sie den Benutzer in tracker.proxy und"
        " das Credential tracker-proxy-password"
    ),
    "{named} wants a user and a password (407): write tracker.proxy as http://USER@HOST:PORT, and put"
    " the password into the credential tracker-proxy-password": (
        "{named} verlangt Benutzer und Passwort (407): schreiben Sie tracker.proxy als "
        "http://USER@HOST:PORT, und legen Sie das Passwort in das Credential tracker-proxy-password"
    ),
    "{named} forbids the way to {host} ({status}): its administrator has to allow CONNECT to it": (
        "{named} verbietet den Weg zu {host} ({status}): wer ihn verwaltet, muss CONNECT dorthin erlauben"
    ),
    "{named} cannot reach {host} ({status}): check the host in tracker.url, and the proxy's network": (
        "{named} erreicht {host} nicht ({status}): prüfen Sie den Namen in tracker.url und das Netz des Proxys"
    ),
    "{named} does not connect us to {host} (it says {status})": (
        "{named} verbindet uns nicht mit {host} (er sagt {status})"
    ),
    # TLS
    "{host} does not speak TLS: check the port in tracker.url, and whether it is http://": (
        "{host} spricht kein TLS: prüfen Sie den Port in tracker.url, und ob es http:// heißen muss"
    ),
    "{host} speaks only a version of TLS that is too old, or too new, for this machine": (
        "{host} spricht nur eine Version von TLS, die für dieses Gerät zu alt oder zu neu ist"
    ),
    "{host} and this machine know no cipher that both accept: its TLS settings are too old, or too new": (
        "{host} und dieses Gerät kennen kein gemeinsames Verfahren: die TLS-Einstellungen dort sind zu alt oder zu neu"
    ),
    "{host} knows nobody of this name: check the host in tracker.url": (
        "{host} kennt niemanden dieses Namens: prüfen Sie den Namen in tracker.url"
    ),
    "{host} {what}": "{host} {what}",
    "wants to see a certificate of ours, which clockd cannot show: is this the address for programs?": (
        "will ein Zertifikat von uns sehen, das clockd nicht zeigen kann: ist das die Adresse für Programme?"
    ),
    "{host} hangs up when TLS begins: a wrong port, or something on the way cuts it off": (
        "{host} legt auf, sobald TLS beginnt: ein falscher Port, oder etwas auf dem Weg schneidet es ab"
    ),
    "no TLS with {host}: {reason}": "kein TLS mit {host}: {reason}",
    "handshake failed": "der Verbindungsaufbau schlug fehl",
    "the certificate of {host} is not valid yet: is this machine's clock right (timedatectl)?": (
        "das Zertifikat von {host} gilt noch nicht: geht die Uhr dieses Geräts richtig?"
    ),
    "the certificate of {host} has expired: it has to be renewed there, unless this machine's clock is wrong": (
        "das Zertifikat von {host} ist abgelaufen: es muss dort erneuert werden, wenn nicht die Uhr "
        "dieses Geräts falsch geht"
    ),
    "the certificate of {host} is for another name: check the host in tracker.url; or a network that "
    "wants a login (captive portal) answers": (
        "das Zertifikat von {host} gilt für einen anderen Namen: prüfen Sie den Namen in tracker.url; "
        "oder ein Netz antwortet, das eine Anmeldung verlangt"
    ),
    "the certificate of {host} is signed by itself alone, and not trusted: {advice}": (
        "das Zertifikat von {host} hat sich selbst unterschrieben, und ihm wird nicht vertraut. {advice}"
    ),
    "the certificate of {host} is not trusted: nobody this machine knows has signed it. {advice}": (
        "dem Zertifikat von {host} wird nicht vertraut: niemand, den dieses Gerät kennt, hat es "
        "unterschrieben. {advice}"
    ),
    "the certificate of {host} is too weak for this machine ({reason}): it has to be renewed there": (
        "das Zertifikat von {host} ist für dieses Gerät zu schwach ({reason}): es muss dort erneuert werden"
    ),
    "the certificate of {host} is not trusted: {reason}": "dem Zertifikat von {host} wird nicht vertraut: {reason}",
    "The authority in tracker.ca is another one, or the server leaves out the certificates between; "
    "or something on the way answers (captive portal, a proxy that looks into TLS)": (
        "Die Stelle in tracker.ca ist eine andere, oder der Server lässt die Zertifikate dazwischen weg; "
        "oder etwas auf dem Weg antwortet"
    ),
    "If the authority is one's own (or a proxy's that looks into TLS), name its certificate: "
    'tracker.ca = "/etc/clockd/ca.pem". Else the server leaves out the certificates between, or '
    "something on the way answers (captive portal)": (
        "Ist es eine eigene Stelle (oder die eines Proxys, der in TLS hineinsieht), nennen Sie ihr "
        'Zertifikat: tracker.ca = "/etc/clockd/ca.pem". Sonst lässt der Server die Zertifikate dazwischen'
        " weg, oder etwas auf dem Weg antwortet"
    ),
}
