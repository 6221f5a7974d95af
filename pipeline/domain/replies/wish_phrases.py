"""Phrases of wishes to be left alone, in languages that write blanks between words. Data for `wishes`, no logic.

A phrase is (rule, pattern[, not after any of][, not before any of]). In a pattern `a|b` is either word, `@name` one
of `wish_words.SETS`, `~` and `..` let up to 1 and 3 words pass (they add up), `^` and `$` are the ends of a sentence.
Words are folded as texts are: case, accents and apostrophes do not count. Ours, made by hand; 47 CFR 64.1200(a)(10)
says what they are for.
"""

from typing import Final

_EN = (
    ("stop-contact", "stop|quit|cease|halt|discontinue ~ @contacting ~ @me|my|this|here|$", "@deny|ill|keep", "you|him|"
     "her"),
    ("stop-contact", "stop|quit|cease|halt calling|phoning @me|this|my|$", "@deny|ill"),
    ("stop-contact", "stop|quit|cease sending|sendin|send .. @message|@these|@me|my|$", "@deny|ill"),
    ("stop-messages", "stop|end|cease|halt|block|cancel|discontinue .. @message|@these $", "@deny|bus|ill|to|truck"),
    ("stop-messages", "stop|end|cease|halt|block|cancel|discontinue|disable ~ your|ur|the|these|all|any|w|with ~ "
     "@message",
     "@deny|ill"),
    ("stop-messages", "turn|switch|shut off .. @message"),
    ("stop-messages", "^ stop|quit it|this|that|doing $"),
    ("stop-receiving", "stop receiving|getting .. @message|@these|$", "@deny|ill"),
    ("stop-receiving", "can|could|will|would you .. stop|quit $"),
    ("stop-receiving", "make|want|need ~ it|this|these|them|texts|messages ~ stop"),
    ("stop-receiving", "how .. stop $"),
    ("stop-receiving", "said|told|asked|saying ~ ~ stop $"),
    ("stop-receiving", "said|told|asked you .. stop $"),
    ("do-not-contact", "dont|donot|not|never|no|stop ~ @contact @me|us|my|again|anymore|$", "why|did|does|could",
     "before|after|until|till|when|while|unless|back|if|yet|about|now|right|today|tonight|tomorrow|at|during|between|"
     "on"),
    ("do-not-contact", "dont|donot|not|never @contact .. number|phone|line", "", "is|was|of|for"),
    ("do-not-contact", "dont|donot|not|never call|phone|email @me again|anymore|ever|$"),
    ("do-not-contact", "dont|donot|not|never ~ send .. @message|@these|anything|again|anymore", "why|did|could"),
    ("do-not-contact", "dont|donot|not|never ~ send @me ~ more"),
    ("do-not-contact", "do not call|contact|text list|registry|$"),
    ("do-not-contact", "dont|donot|not|never call|text|email or|and|nor text|txt|message|call|email @me|$|this|again"),
    ("stop-contact", "cease|stop|end ~ communication|communications|contact $|with", "@deny"),
    ("do-not-contact", "donotcall|dnc"),
    ("remove-me", "remove|take|delete|erase|unlist|scrub|get|pull ~ @me|number|phone|name|info|number|contact .. off|"
     "from|"
     "out .. list|lists|database|system|contacts|records|directory|@message|@these|it|$", "@deny"),
    ("remove-me", "remove|delete|erase|lose|forget|scrub my|this|the ~ number|digits|info|details|data", "@deny|ill"),
    ("remove-me", "remove|delete|erase|unlist|unenroll @me $"),
    ("remove-me", "remove|delete|take ~ from|off .. list|lists|database"),
    ("remove-me", "off your|ur|this|the|these|ya list|lists|database|system"),
    ("remove-me", "block @me|my $|number"),
    ("remove-me", "take @me off $|your|ur|this"),
    ("stop-contact", "refrain|desist from ~ @contacting|sending|calling", "@deny|ill"),
    ("remove-me", "exclude|drop|omit @me|number from|off .. list|lists|database|system"),
    ("remove-me", "want|like|wish|ask|asked|need|request|i ~ be|get removed|unlisted|deleted|taken $|from|off",
     "@deny"),
    ("no-more", "no|nomore ~ more|further .. @message|of|$"),
    ("no-more", "nomore|enough .. @message|already|$", "not|good|long|old|big|close|have"),
    ("not-wanted", "dont|not|no|never want|wanna|wish|need|like|care|longer .. @message|hear|receive|receiving|"
     "contacted|"
     "texted", "they|who|why"),
    ("not-wanted", "dont|not|no want|wanna|wish|longer .. be ~ list|contacted|texted|messaged"),
    ("not-wanted", "dont|not|no|longer want|wish|want to .. hear|receive|get .. @message|@these|from|anything"),
    ("not-wanted", "dont want ~ @these|@message ~ $"),
    ("not-wanted", "dont|not|no want|wanna|need any more|further .. @message"),
    ("stop-contact", "discontinue ~ service|services|contact|this|these|$", "@deny"),
    ("not-interested", "not|never|no|longer interested $"),
    ("not-interested", "not interested in your|ur|these|this|any|@message"),
    ("leave-alone", "leave @me ~ ~ alone", "driver|didnt|they|he|she|dont|never"),
    ("leave-alone", "leave @me tf|the ~ alone"),
    ("leave-alone", "leave @me be"),
    ("complaint", "you|u|youre|ur|are harassing|spamming|stalking @me", "arent|not"),
    ("leave-alone", "go away|screw", "@deny|will|to|we|i"),
    ("leave-alone", "get lost $"),
    ("leave-alone", "i want out $"),
    ("leave-alone", "dont|donot|not disturb @me|$"),
    ("leave-alone", "fuck|piss|bugger|f off"),
    ("leave-alone", "lose|delete|forget my number"),
    ("wrong-person", "wrong|incorrect number|#|person|num|nbr|recipient|guy|lady|dude",
     "entered|typed|put|dialed|gave|entering|what",
     "of|in|on|for"),
    ("wrong-person", "number doesnt|no|not|isnt ~ belong|belongs"),
    ("opt-out", "opt|opting|opted|opts @me|out|us ~ $|of|from|out", "", "the|my|our|insurance|health"),
    ("opt-out", "opt|opting|opted ~ out $"),
    ("opt-out", "opt|opting|opted out"),
    ("opt-out", "optout|optin out|$"),
    ("unsubscribe", "unsubscribe|unsub|unsubscribes"),
    ("unsubscribe", "un subscribe"),
    ("unsubscribe", "cancel|end|stop|terminate ~ subscription|subscriptions|membership|enrollment"),
    ("never-agreed", "didnt|never|not|dont ~ sign|signed|subscribe|subscribed|opt|opted|consent|consented|agree|"
     "agreed|asked "
     "~ up|to|in|for|$", "why|you"),
    ("never-agreed", "how|where .. get|got my|this number|contact|info"),
    ("withdrawn", "revoke|revoking|withdraw|withdrawing|rescind .. consent|permission|authorization"),
    ("withdrawn", "cease ~ desist"),
    ("complaint", "report|reported|reporting|sue|suing|fcc|lawyer|attorney .. spam|you|harassment|fcc|sue"),
    ("complaint", "blocked|blocking|block ~ reported|you|u|this", "why|been"),
    ("complaint", "^ blocked|reported $"),
    ("complaint", "this|its|it is|looks|s ~ spam|harassment", "is|if"),
    ("complaint", "^ spam|harassment $"),
)  # fmt: skip

_ES = (
    ("do-not-contact", "no ~ envien|envie|envies|enviar|enviarme|envian|manden|mande|mandes|mandar|mandarme|mandan .. "
     "@mensaje|mas|nada|$"),
    ("do-not-contact", "no ~ escriban|escriba|escribas|escribir|escribirme|contacten|contacte|contactes|molesten|"
     "moleste|"
     "molestes|textees|texteen|llamen ~ mas|nunca|a|$", "yo", "manana|hoy|tarde"),
    ("stop-contact", "dejen|deje|deja|dejad|dejar|paren|pare|para|parar|basta|cesen ~ de ~ enviar|enviarme|mandar|"
     "mandarme|"
     "escribir|escribirme|molestar|molestarme|contactar|contactarme|textear|spamear|@mensaje|tanto"),
    ("stop-contact", "parar|paren|pare|detener|detengan ~ ~ @mensaje"),
    ("not-wanted", "no quiero|deseo|quisiera|necesito .. @mensaje"),
    ("not-wanted", "no quiero|deseo .. recibir mas|nada|estos|esto|$"),
    ("not-wanted", "no quiero|deseo que me"),
    ("not-wanted", "no quiero|deseo mas $"),
    ("unsubscribe", "dar|darme|darnos|dame|deme|denme|den|doy|dar|darse|dese|dado de baja"),
    ("unsubscribe", "desuscribir|desuscribirme|desuscribanme|desuscribeme|dessuscribir|desubscribir|desubscribirme"),
    ("unsubscribe", "cancelar|cancelen|cancele|cancela|cancelo|anular|anulen ~ ~ suscripcion|inscripcion|@mensaje"),
    ("remove-me", "borren|borrar|borra|borre|borrenme|borrame|eliminen|eliminar|elimina|elimine|quiten|quitar|quita|"
     "saquen|"
     "sacar|retiren ~ numero|lista|telefono|datos|contacto"),
    ("remove-me", "borren|borra|borrar|eliminen|eliminar|quiten|quitar|saquen|sacar|retiren mi|este numero|telefono"),
    ("remove-me", "saquenme|sacame|saqueme|quitame|quitenme|quiteme|eliminenme|elimineme|borreme|retireme|eliminame|"
     "borrenme|borrame|remuevanme|"
     "retirenme .. lista|base|sistema|$"),
    ("no-more", "no mas @mensaje|$"),
    ("no-more", "ya no ~ @mensaje|envien|manden|mas"),
    ("unsubscribe", "quiero|quisiera|deseo ~ salir|salirme|cancelar $"),
    ("withdrawn", "revoco|retiro|cancelo .. consentimiento|autorizacion"),
    ("never-agreed", "no autorizo|autorice|consenti $|el|este|recibir|mensajes|sms|esto"),
    ("leave-alone", "dejenme|dejame|dejeme|dejadme en|tranquilo|tranquila|tranquilos paz|$"),
    ("leave-alone", "dejenme|dejame|dejeme tranquilo|tranquila"),
    ("wrong-person", "numero equivocado|incorrecto|erroneo"),
    ("wrong-person", "equivoco|equivocado|equivocaron|equivocada de|este numero|persona"),
    ("not-interested", "no me interesa|interesan $"),
    ("not-interested", "no estoy interesado|interesada"),
)  # fmt: skip

_FR = (
    ("stop-contact", "arretez|arrete|arreter|cessez|cesse|stoppez|stop ~ ~ menvoyer|envoyer|decrire|ecrire|mecrire|"
     "contacter|"
     "harceler|spammer|denvoyer|vos|contacte|importuner|menvoyez|appeler|@message_fr"),
    ("stop-contact", "cesser|cessez|arreter|arretez ~ ~ envoi|envois|@message_fr"),
    ("withdrawn", "retire|revoque|retirer|revoquer ~ consentement|autorisation|accord"),
    ("stop-contact", "arretez|arrete|cessez|stoppez ca|cela"),
    ("no-more", "ca|cela suffit"),
    ("do-not-contact", "ne|merci ~ menvoyez|envoyez|menvoie|contactez|contacte|ecrivez|mecrivez|mecris|derangez|"
     "derange|appelez|"
     "importunez|sollicitez plus|pas|rien|jamais"),
    ("do-not-contact", "nenvoyez|menvoyez|envoyez|mecrivez|contactez|ecrivez plus"),
    ("do-not-contact", "ne plus ~ menvoyer|envoyer|recevoir|contacter|mecrire|ecrire|etre|deranger|solliciter|"
     "importuner"),
    ("not-wanted", "veux|souhaite|desire|voudrais|souhaitons|veut plus|pas ~ recevoir|vos|@message_fr|etre .. "
     "@message_fr|"
     "contacte|contactee|rien|vous|$"),
    ("not-wanted", "veux|souhaite|desire plus ~ recevoir|entendre|etre|vos|@message_fr"),
    ("no-more", "plus ~ @message_fr ~ $", "voudrais|recevoir|veux|un"),
    ("unsubscribe", "desabonner|desabonnez|desabonne|desabonnement|desabonnez|desinscrire|desinscrivez|desinscris|"
     "desinscription|desinscrit"),
    ("remove-me", "retirez|retirer|enlevez|enlever|supprimez|supprimer|effacez|effacer|rayez|otez|enleve|retire|"
     "supprime ~ ~ "
     "numero|liste|listes|fichier|base"),
    ("remove-me", "retirez|enlevez|supprimez|rayez|otez moi .. liste|listes|fichier|base|$"),
    ("leave-alone", "laissez|laisse|foutez|fichez|fiche moi|nous tranquille|tranquilles|paix|la"),
    ("wrong-person", "mauvais|faux numero|destinataire"),
    ("wrong-person", "trompez|trompe|trompes|erreur de numero|personne|destinataire"),
    ("not-interested", "pas|plus interesse|interessee $"),
)  # fmt: skip

_DE = (
    ("no-more", "keine|kein|keinen .. mehr|weiteren|weitere ~ @nachricht|$|erhalten|bekommen|senden|schicken", "hatte|"
     "habe"),
    ("no-more", "keine|kein ~ @nachricht mehr|bitte|senden|schicken|erhalten", "habe|hab|hatte"),
    ("no-more", "keine weiteren|weitere|werbung"),
    ("do-not-contact", "nicht|nichts|nie mehr|wieder|weiter ~ schreiben|anschreiben|senden|schicken|kontaktieren|"
     "belastigen|"
     "belaestigen|zusenden|kontaktiert"),
    ("do-not-contact", "schreib|schreibt|schreiben|schicken|schickt|senden|sendet|kontaktieren|kontaktiert|belastigen "
     ".. nicht|"
     "nichts|nie mehr|wieder|weiter"),
    ("unsubscribe", "mich|bitte|mochte|moechte|will|wie|sms|newsletter .. abmelden|abbestellen|austragen|abmelde"),
    ("unsubscribe", "melden|meld|meldet|tragen|trag .. mich ab|aus"),
    ("unsubscribe", "abmelden|abbestellen|abmeldung|austragen $"),
    ("remove-me", "loschen|loesch|loeschen|losche|losch|entfernen|entferne|entfernt|streichen|streich|nehmen|nimm .. "
     "nummer|liste|"
     "daten|verteiler|handynummer"),
    ("remove-me", "meine|diese nummer|handynummer|daten .. loschen|loeschen|entfernen|streichen|raus"),
    ("remove-me", "mich .. liste|verteiler|datenbank ~ nehmen|streichen|loschen|entfernen|$"),
    ("stop-contact", "horen|hor|hort|hoeren ~ auf .. schreiben|schicken|senden|nachrichten|sms|mir|belastigen|damit|$"),
    ("remove-me", "von|aus der|ihrer|eurer|dieser liste|datenbank ~ streichen|nehmen|loschen|entfernen|$"),
    ("stop-contact", "@nachricht ~ stoppen|einstellen|abbestellen|abstellen"),
    ("stop-contact", "stoppen|stoppt|stopp|stop ~ ~ @nachricht|mit|das|diese"),
    ("leave-alone", "lassen|lass|lasst .. mich|uns ~ ruhe"),
    ("wrong-person", "falsche|falschen|falsch nummer|person|verbunden|empfanger"),
    ("remove-me", "^ nummer|daten loschen|loeschen|streichen $"),
    ("withdrawn", "widerrufe|widerruf|widerrufen|widerspreche|entziehe .. einwilligung|zustimmung|nutzung|daten"),
    ("not-interested", "kein interesse $|an|daran|mehr"),
    ("not-interested", "nicht interessiert $"),
)  # fmt: skip

_PT = (
    ("do-not-contact", "nao ~ envie|enviem|envia|enviar|mande|mandem|manda|mandar .. mais|@mensagem|nada|$", "por"),
    ("do-not-contact", "nao ~ escreva|escrevam|contate|contatem|contacte|contactem|perturbe|perturbem|incomode|"
     "incomodem|"
     "ligue|liguem|importune ~ mais|$"),
    ("stop-contact", "pare|parem|parar|para|deixe|deixem|deixar|chega|cessem|basta ~ de ~ enviar|mandar|me|enviarem|"
     "mandarem|"
     "@mensagem|incomodar|perturbar|encher"),
    ("stop-receiving", "parar|deixar de receber"),
    ("stop-contact", "pare|parem|parar com ~ @mensagem|isso|as"),
    ("not-wanted", "nao quero|desejo|gostaria|queria .. @mensagem"),
    ("not-wanted", "nao quero|desejo ~ receber|mais $|nada|isso|mais"),
    ("unsubscribe", "descadastrar|descadastre|descadastrem|desinscrever|desinscreva|descadastro|descadastramento"),
    ("unsubscribe", "cancelar|cancele|cancelem|cancela ~ ~ inscricao|assinatura|cadastro|@mensagem|recebimento"),
    ("remove-me", "sair|retire|retirem|retira|retirar|remova|remover|removam|remove|tira|tire|tirem|exclua|excluir|"
     "excluam|"
     "apague|apagar|apaguem ~ ~ lista|numero|cadastro|contato|telefone"),
    ("unsubscribe", "quero|gostaria|desejo ~ sair|cancelar|parar $"),
    ("withdrawn", "revogo|retiro|cancelo .. consentimento|autorizacao"),
    ("never-agreed", "nao autorizo|autorizei|consenti $|o|esse|este|receber|mensagens|sms|isso"),
    ("leave-alone", "deixe|deixem|deixa ~ em|sossegado paz|$"),
    ("wrong-person", "numero|pessoa errado|errada|trocado"),
    ("wrong-person", "engano|enganou|enganado ~ de|numero"),
    ("not-interested", "nao|sem tenho|interesse ~ interesse|$"),
)  # fmt: skip

_IT = (
    ("do-not-contact", "non ~ inviate|inviatemi|invii|inviare|inviarmi|inviarci|mandate|mandatemi|mandi|mandare|"
     "mandarmi .. "
     "piu|@messaggio|niente|nulla|$"),
    ("do-not-contact", "non ~ scrivete|scrivetemi|scriva|scrivere|scrivermi|scrivi|contattate|contattatemi|contatti|"
     "contattare|"
     "contattarmi|disturbate|disturbatemi|disturbare|chiamate|chiamatemi ~ piu|mai|$"),
    ("stop-contact", "smettete|smettila|smetta|smettetela|smetterla|basta|finitela|finiscila|cessate ~ di ~ inviare|"
     "inviarmi|"
     "mandare|mandarmi|scrivere|scrivermi|contattare|contattarmi|disturbare|disturbarmi|chiamarmi"),
    ("stop-contact", "basta|stop|stoppate|fermate ~ ~ @messaggio"),
    ("not-wanted", "non voglio|vorrei|desidero|intendo .. @messaggio|contattato|contattata"),
    ("not-wanted", "non voglio|desidero ~ ricevere|ricevere piu|$|niente|nulla|questi"),
    ("remove-me", "cancellate|cancellare|cancella|rimuovete|rimuovere|rimuovi|togliete|togliere|eliminate|eliminare|"
     "elimina ~ ~ "
     "numero|lista|iscrizione|nominativo|database|contatto"),
    ("remove-me", "cancellatemi|cancellami|rimuovetemi|rimuovimi|toglietemi|toglimi|eliminatemi|disiscrivetemi"),
    ("unsubscribe", "disiscrivermi|disiscrivo|disiscrivere|disiscriviti|disiscrizione|disinscrivermi|cancellarmi"),
    ("leave-alone", "lasciatemi|lasciami|lasciateci|mi ~ pace|stare"),
    ("wrong-person", "numero|persona sbagliato|errato|sbagliata"),
    ("wrong-person", "sbagliato|sbagliate ~ numero|persona"),
    ("not-interested", "non ~ interessato|interessata|interessa|interessano $"),
)  # fmt: skip

_TR = (
    ("do-not-contact", "@mesaj ~ ~ atmayin|atmayiniz|atma|gondermeyin|gondermeyiniz|gonderme|yollamayin|yollama|"
     "yazmayin|kesin|"
     "gelmesin|istemiyorum|istemiyoruz|durdurun|durdurulsun|gondermeyi|almak"),
    ("do-not-contact", "bana|beni|bize .. yazmayin|yazma|yazmayiniz|gondermeyin|aramayin|atmayin|ulasmayin"),
    ("do-not-contact", "artik|lutfen|daha yazmayin|yazma|gondermeyin|gonderme|atmayin|atma|aramayin"),
    ("leave-alone", "rahatsiz etmeyin|etme|etmeyiniz|ediyorsunuz"),
    ("not-wanted", "^ istemiyorum|istemiyoruz $"),
    ("unsubscribe", "^ iptal edin|et|ediniz|edilsin $"),
    ("unsubscribe", "^ cikmak|ayrilmak istiyorum|istiyoruz $"),
    ("withdrawn", "onayimi|iznimi|rizami ~ geri|iptal"),
    ("leave-alone", "rahat birakin|birak|birakiniz"),
    ("remove-me", "listeden|listenizden|listesinden|rehberden|rehberinizden|sistemden|sistemden ~ cikarin|cikar|"
     "cikart|cikartin|"
     "cikariniz|silin|sil|cikmak"),
    ("remove-me", "numarami|numaram|numarayi|bilgilerimi ~ silin|sil|siliniz|silinsin|cikarin|cikartin|kaldirin"),
    ("unsubscribe", "abonelik|aboneligi|aboneligimi|abonelikten|uyelik|uyeligimi|uyelikten ~ iptal|sonlandir|"
     "sonlandirin|cikmak|"
     "cik|cikar|cikarin"),
    ("wrong-person", "yanlis|hatali numara|numaraya|kisi|kisiye|numarayi"),
)  # fmt: skip

_OTHERS = (
    ("no-more", "geen ~ @bericht ~ meer|aub|$", "heb|had"),
    ("do-not-contact", "stuur|stuurt|sturen .. geen|niets|niet .. meer"),
    ("stop-contact", "stop ~ ~ sturen|@bericht"),
    ("unsubscribe", "afmelden|uitschrijven|afmelding|uitgeschreven"),
    ("remove-me", "verwijder|verwijderen|haal|schrap .. nummer|lijst"),
    ("leave-alone", "laat ~ me|mij|ons ~ rust|met"),
    ("wrong-person", "verkeerd|verkeerde nummer|persoon"),
    ("do-not-contact", "nie ~ wysylac|wysylajcie|wysylaj|przysylac|przysylajcie|pisac|piszcie|pisz|dzwonic|"
     "kontaktowac ~ ~ "
     "@wiadomosc|wiecej|mnie|$"),
    ("not-wanted", "nie chce|zycze .. @wiadomosc|otrzymywac|dostawac"),
    ("unsubscribe", "wypisz|wypisac|wypiszcie|rezygnuje|rezygnacja ~ mnie|$|z"),
    ("unsubscribe", "mnie wypisac|wypisz|wypiszcie"),
    ("remove-me", "usun|usunac|usuncie|usunecie ~ ~ numer|listy|bazy"),
    ("wrong-person", "zly|pomylony|bledny|nieprawidlowy numer"),
    ("do-not-contact", "больше не пишите|пишете|присылаите|шлите|звоните"),
    ("do-not-contact", "не ~ присылаите|пишите|шлите|отправляите|беспокоите|звоните|присылать|писать|слать ~ ~ больше|"
     "сообщения|"
     "смс|мне|сюда|$"),
    ("stop-contact", "хватит|прекратите|перестаньте ~ ~ писать|слать|спамить|присылать|рассылку|спам|звонить"),
    ("unsubscribe", "отписаться|отпишите|отписать|отписывайте|отписка"),
    ("remove-me", "удалите|уберите|исключите ~ ~ номер|базы|списка|рассылки"),
    ("wrong-person", "ошиблись|ошибся ~ номером|номер"),
)  # fmt: skip

PHRASES: Final[tuple[tuple[str, ...], ...]] = (*_EN, *_ES, *_FR, *_DE, *_PT, *_IT, *_TR, *_OTHERS)
