# ruff: noqa: RUF001 - words of other languages, in their own letters
"""What a log line calls its severity in other languages.

Measured: the translations (postgres-N.mo) of 13, 15, 17 and 18 in de, es, fr, id, it, ja, ka, ko, pl, pt_BR, ru, sv,
tr, uk and zh_CN. A language that is not here says some of them in English.
"""

_IN_OTHER_LANGUAGES = {
    "LOG": "ჟურნალი 로그 СООБЩЕНИЕ LOGG ЗАПИСУВАННЯ 日志 DZIENNIK",
    "INFO": "ინფორმაცია 정보 ИНФОРМАЦИЯ ІНФОРМАЦІЯ 信息 BİLGİ INFORMACJA",
    "NOTICE": "HINWEIS NOTIFICA 알림 ЗАМЕЧАНИЕ NOTIS ПОВІДОМЛЕННЯ 注意 NOT UWAGA NOTA",
    "WARNING": (
        "WARNUNG ATTENTION ATTENZIONE გაფრთხილება 경고 ПРЕДУПРЕЖДЕНИЕ VARNING ПОПЕРЕДЖЕННЯ 警告 UYARI PERINGATAN "
        "OSTRZEŻENIE AVISO"
    ),
    "ERROR": "FEHLER ERREUR ERRORE შეცდომა 오류 ОШИБКА FEL ПОМИЛКА 错误 HATA BŁĄD ERRO",
    "FATAL": "FATALE ფატალური 치명적오류 ВАЖНО FATALT ФАТАЛЬНО 致命错误 KATASTROFALNY",
    "PANIC": "PANIK PANICO პანიკა 손상 ПАНИКА ПАНІКА 比致命错误还过分的错误 KRİTİK PANIKA PÂNICO",
    "DEBUG": "გამართვა 디버그 ОТЛАДКА НАЛАГОДЖЕННЯ 调试 DEPURAÇÃO",
    "DETAIL": (
        "DETALLE DÉTAIL DETTAGLI 詳細 დეტალები 상세정보 ПОДРОБНОСТИ DETALJ ВІДОМОСТІ 详细信息 AYRINTI DETIL SZCZEGÓŁY "
        "DETALHE"
    ),
    "HINT": (
        "TIPP ASTUCE SUGGERIMENTO ヒント მინიშნება 힌트 ПОДСКАЗКА TIPS УКАЗІВКА 提示 İPUCU PETUNJUK PODPOWIEDŹ DICA"
    ),
    "CONTEXT": (
        "ZUSAMMENHANG CONTEXTO CONTEXTE CONTESTO 文脈 კონტექსტი 내용 КОНТЕКСТ KONTEXT 上下文 ORTAM KONTEKS KONTEKST"
    ),
    "STATEMENT": (
        "ANWEISUNG SENTENCIA INSTRUCTION ISTRUZIONE 文 ოპერატორი 명령·구문 ОПЕРАТОР SATS ІНСТРУКЦІЯ 语句 KOMUT "
        "PERNYATAAN WYRAŻENIE COMANDO"
    ),
    "QUERY": "ANFRAGE CONSULTA REQUÊTE 問い合わせ მოთხოვნა 쿼리 ЗАПРОС FRÅGA ЗАПИТ 查询 SORGU ZAPYTANIE",
}

ENGLISH: dict[str, str] = {
    "ÖLÜMCÜL (FATAL)": "FATAL",
    **{word.replace("·", " "): name for name, words in _IN_OTHER_LANGUAGES.items() for word in words.split()},
}
"""The English word of each; the middle dot above stands for a space."""


def in_english(word: str) -> str:
    """The English word for a severity, or the word itself where it is English or not known."""
    return ENGLISH.get(word, word)
