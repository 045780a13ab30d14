"""What a person hears who wrote STOP, START or HELP, in their language: one message that sells nothing."""

from collections.abc import Mapping

FALLBACK = "en"

STOPPED: Mapping[str, str] = {
    "en": "{name}: you will get no more messages or calls from us. This is our last message.",
    "fr": "{name} : vous ne recevrez plus de messages ni d'appels de notre part. Ceci est notre dernier message.",
    "de": "{name}: Sie erhalten keine Nachrichten und Anrufe mehr von uns. Dies ist unsere letzte Nachricht.",
    "es": "{name}: no recibirá más mensajes ni llamadas nuestras. Este es nuestro último mensaje.",
    "pt": "{name}: não receberá mais mensagens nem chamadas nossas. Esta é a nossa última mensagem.",
    "it": "{name}: non riceverà più messaggi né chiamate da noi. Questo è il nostro ultimo messaggio.",
    "nl": "{name}: u krijgt geen berichten en telefoontjes meer van ons. Dit is ons laatste bericht.",
    "sv": "{name}: du får inga fler meddelanden eller samtal från oss. Detta är vårt sista meddelande.",
    "no": "{name}: du får ingen flere meldinger eller anrop fra oss. Dette er vår siste melding.",
    "da": "{name}: du får ikke flere beskeder eller opkald fra os. Dette er vores sidste besked.",
    "fi": "{name}: et saa meiltä enää viestejä etkä puheluita. Tämä on viimeinen viestimme.",
    "pl": "{name}: nie otrzymasz od nas więcej wiadomości ani telefonów. To nasza ostatnia wiadomość.",
    "cs": "{name}: už od nás nedostanete žádné zprávy ani hovory. Toto je naše poslední zpráva.",
    "tr": "{name}: bizden artık mesaj veya arama almayacaksınız. Bu son mesajımızdır.",
    "ja": "{name}: 今後メッセージやお電話は差し上げません。これが最後のメッセージです。",
    "ko": "{name}: 앞으로 문자나 전화를 드리지 않습니다. 마지막 메시지입니다.",
    "zh": "{name}：您将不再收到我们的短信或电话。这是最后一条信息。",
    "hi": "{name}: अब आपको हमारा कोई संदेश या कॉल नहीं आएगा। यह हमारा अंतिम संदेश है।",
}
HELP: Mapping[str, str] = {
    "en": "{name}: call us at {callback_number}. Reply STOP and you will hear from us no more.",
    "fr": "{name} : appelez-nous au {callback_number}. Répondez STOP pour ne plus rien recevoir.",
    "de": "{name}: Sie erreichen uns unter {callback_number}. Mit STOP hören Sie nichts mehr von uns.",
    "es": "{name}: llámenos al {callback_number}. Responda STOP para no recibir nada más.",
    "pt": "{name}: ligue-nos para {callback_number}. Responda STOP para não receber mais nada.",
    "it": "{name}: chiamateci al {callback_number}. Rispondete STOP per non ricevere più nulla.",
    "nl": "{name}: bel ons op {callback_number}. Antwoord STOP en u hoort niets meer van ons.",
    "sv": "{name}: ring oss på {callback_number}. Svara STOP så hör vi inte av oss mer.",
    "no": "{name}: ring oss på {callback_number}. Svar STOP, så hører du ikke mer fra oss.",
    "da": "{name}: ring til os på {callback_number}. Svar STOP, så hører du ikke mere fra os.",
    "fi": "{name}: soita meille {callback_number}. Vastaa STOP, niin et kuule meistä enää.",
    "pl": "{name}: zadzwoń do nas: {callback_number}. Odpisz STOP, aby nie otrzymywać więcej wiadomości.",
    "cs": "{name}: zavolejte nám na {callback_number}. Odpovězte STOP a už se neozveme.",
    "tr": "{name}: bizi {callback_number} numarasından arayın. STOP yazarsanız sizi bir daha aramayız.",
    "ja": "{name}: お問い合わせは {callback_number} まで。STOP と返信すると配信を停止します。",
    "ko": "{name}: 문의 {callback_number}. STOP 이라고 답장하시면 더 이상 연락드리지 않습니다.",
    "zh": "{name}：请致电 {callback_number}。回复 STOP 即可不再收到信息。",
    "hi": "{name}: हमें {callback_number} पर कॉल करें। STOP लिखें और हमारे संदेश बंद हो जाएंगे।",
}
STARTED: Mapping[str, str] = {
    "en": "{name}: you will get our texts again. Reply HELP for help, STOP to stop.",
    "fr": "{name} : vous recevrez de nouveau nos SMS. Répondez HELP pour de l'aide, STOP pour arrêter.",
    "de": "{name}: Sie erhalten wieder SMS von uns. HELP für Hilfe, STOP zum Abmelden.",
    "es": "{name}: volverá a recibir nuestros SMS. Responda HELP para ayuda, STOP para cancelar.",
    "pt": "{name}: voltará a receber os nossos SMS. Responda HELP para ajuda, STOP para parar.",
    "it": "{name}: riceverà di nuovo i nostri SMS. Rispondete HELP per aiuto, STOP per fermarli.",
    "nl": "{name}: u krijgt onze sms-berichten weer. Antwoord HELP voor hulp, STOP om te stoppen.",
    "sv": "{name}: du får våra sms igen. Svara HELP för hjälp, STOP för att avsluta.",
    "no": "{name}: du får SMS fra oss igjen. Svar HELP for hjelp, STOP for å avslutte.",
    "da": "{name}: du får igen sms'er fra os. Svar HELP for hjælp, STOP for at stoppe.",
    "fi": "{name}: saat taas tekstiviestejämme. Vastaa HELP, jos tarvitset apua, STOP lopettaaksesi.",
    "pl": "{name}: znów będziesz otrzymywać nasze SMS-y. HELP: pomoc, STOP: rezygnacja.",
    "cs": "{name}: budete znovu dostávat naše SMS. HELP pro pomoc, STOP pro odhlášení.",
    "tr": "{name}: SMS'lerimizi yeniden alacaksınız. Yardım için HELP, durdurmak için STOP yazın.",
    "ja": "{name}: 配信を再開します。ヘルプは HELP、停止は STOP と返信してください。",
    "ko": "{name}: 문자 수신이 다시 시작됩니다. 도움말은 HELP, 중지는 STOP.",
    "zh": "{name}：您将重新收到我们的短信。回复 HELP 获取帮助，回复 STOP 退订。",
    "hi": "{name}: आपको हमारे संदेश फिर मिलेंगे। सहायता के लिए HELP, रोकने के लिए STOP लिखें।",
}


def in_language(texts: Mapping[str, str], language: str | None) -> str:
    """The text in that language (as in es or es-MX), in English where there is none."""
    short = (language or FALLBACK).replace("_", "-").split("-")[0].lower()
    return texts.get("no" if short in {"nb", "nn"} else short, texts[FALLBACK])
