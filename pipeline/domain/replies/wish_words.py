"""Words of wishes to be left alone: sets that phrases name, words of leaving, politeness. Data for `wishes`, no logic.

All are written as `wishes.fold` leaves a text: lower case, without accents and apostrophes.
"""

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SETS: Final = {
    "message": "text texts txt txts message messages mesages mesage messeges msg msgs sms mms spam notification "
    "notifications alert alerts promo promos promotions ads adverts marketing texting messaging stuff crap",
    "contacting": "texting textin texing txting txtin messaging msging msgin contacting spamming bothering harassing "
    "pestering bugging annoying blowing hitting smsing emailing text txt",
    "contact": "text txt message msg contact spam bother harass pester bug sms",
    "me": "me us",
    "these": "these this those them",
    "deny": "dont not never cant cannot wont didnt wouldnt doesnt couldnt shouldnt isnt",
    "tell": "want wanted wish need like asked said told trying",
    "mensaje": "mensaje mensajes sms texto textos msj msjs publicidad promociones notificaciones spam anuncios correos",
    "message_fr": "message messages sms texto textos pub pubs publicite publicites notifications spam sollicitations",
    "nachricht": "nachricht nachrichten sms werbung textnachrichten benachrichtigungen spam werbenachrichten mails",
    "mensagem": "mensagem mensagens sms msg msgs propaganda propagandas torpedo torpedos notificacoes promocoes spam",
    "messaggio": "messaggio messaggi sms pubblicita promozioni comunicazioni notifiche spam",
    "mesaj": "mesaj mesaji mesajlar mesajlari mesajini sms smsi reklam reklami ileti msj",
    "bericht": "bericht berichten sms smsjes reclame meldingen",
    "wiadomosc": "wiadomosci wiadomosc sms smsow smsy reklam reklamy",
}

FILLERS: Final = _words(
    "no please pls plz plse plss pleas now immediately asap already just kindly thanks thank thx ty you u ok okay hey "
    "hi hello yo sir guys ffs omg wtf ever all right here today forever again anymore me por favor ya gracias merci "
    "svp s il vous te plait tout de suite bitte danke sofort jetzt obrigado obrigada agora per favore grazie subito "
    "lutfen hemen tesekkurler aub alstublieft graag prosze dziekuje teraz пожалуиста спасибо sil"
)

ORDINARY_ALONE: Final = _words("dur alto pare sto")
"""Words of leaving that are an ordinary answer in another language: with politeness only ("dur lütfen")."""

STOP_MISSPELT: Final = _words("stpo sotp tsop stopp sttop sstop st0p stoo stpp srop syop dtop")

LEAVING_WORDS: Final = _words(
    "stop stopall paren stops stoppp stoop sto stp unsubscribe unsub quit cancel cancle cancell end revoke optout "
    "remove discontinue arret arretez arrete baja alto sair pare parem parar stoppen ende abmelden abmeldung aufhoren "
    "abbestellen "
    "basta smettetela smettila finitela stoppez desabonner desinscrire desinscription desabonnement desuscribir "
    "desuscribirme desuscribanme descadastrar descadastre desinscrever cancelar iptal dur durdur durdurun yazmayin "
    "afmelden uitschrijven wypisz wypisac rezygnuje стоп отписаться отпишите отписка хватит disiscrivi disiscrivere "
    "disiscrivetemi cancellatemi"
)
