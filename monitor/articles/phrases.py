"""The words that stand around articles, by language.

Regular expressions without case. Each table is matched as one: a page is asked in every language, because pages lie about
theirs and mix them. Structure is asked first everywhere (`structure`, `grade`); words only tell what structure cannot.
"""

import re
from collections.abc import Mapping

Phrases = Mapping[str, str]

# Begins a line that leads to another story. After it: nothing, a colon or an arrow.
LEADS_AWAY: Phrases = {
    "en": r"(?:read|see) (?:more|also|next)|more(?=:)|don['’]t miss|related(?: stories| articles| topics| news| content)?|more on this(?: story)?|recommended|most read|you (?:may|might) also like|editor['’]s picks?|must[- ]reads?|trending",
    "de": r"mehr zum thema|lesen sie (?:auch|mehr|hier)|auch interessant|weitere themen|mehr dazu|das könnte sie auch interessieren|passend dazu|weiterführende links|zum thema|siehe auch",
    "fr": r"(?:à )?lire (?:aussi|également|plus)|voir aussi|sur le même sujet|à voir aussi|articles? (?:liés|similaires)|pour aller plus loin|à lire",
    "es": r"lee (?:también|más)|leer (?:también|más)|te puede interesar|más información|ver también|noticias? relacionadas?|lea (?:también|además)|te recomendamos|mira también|además",
    "ca": r"llegeix també|més informació|et pot interessar",
    "pt": r"leia (?:também|mais)|ler mais|veja (?:também|mais)|saiba mais|notícias relacionadas|pode (?:também )?interessar|relacionadas?|confira também",
    "it": r"leggi (?:anche|tutto|di più)|approfondi(?:sci|menti)|potrebbe interessarti(?: anche)?|articoli correlati|vedi anche",
    "nl": r"lees (?:ook|meer|verder)|bekijk ook|meer over|gerelateerd|zie ook",
    "da": r"læs (?:også|mere)|se også|relaterede artikler",
    "no": r"les (?:også|mer)|se også|relaterte saker|saken fortsetter under|artikkelen fortsetter under",
    "sv": r"läs (?:också|även|mer)|se också|fler artiklar|relaterat",
    "fi": r"lue (?:myös|lisää)|katso myös|aiheesta lisää",
    "is": r"lesa meira|sjá einnig",
    "pl": r"czytaj (?:więcej|też|także|również)|zobacz (?:też|także|również)|przeczytaj (?:też|także|również)|polecane|dowiedz się więcej|powiązane",
    "cs": r"čtěte (?:také|více)|přečtěte si(?: také)?|související(?: články)?|mohlo by vás zajímat|více k tématu",
    "sk": r"čítajte (?:aj|viac|tiež)|prečítajte si(?: aj)?|súvisiace(?: články)?|mohlo by vás zaujímať|viac k téme",
    "hu": r"olvass(?:a|on|ák)? (?:el|tovább)(?: is)?|kapcsolódó(?: cikkek)?|ez is érdekelheti|lásd még",
    "ro": r"cite[șşs]te (?:și|şi|si|mai mult|[îi]n continuare)|vezi (?:și|şi|si)|pe aceea[șşs]i tem[ăa]|articole similare|recomand[ăa]ri",
    "bg": r"прочетете (?:още|също)|вижте (?:още|също)|още по темата|свързани (?:статии|новини)|четете още",
    "el": r"διαβάστε (?:επίσης|ακόμα|ακόμη|περισσότερα|σχετικά)|δείτε (?:επίσης|ακόμα|ακόμη)|σχετικά (?:άρθρα|θέματα)|περισσότερα",
    "tr": r"ilgili haber(?:ler)?|ayrıca (?:oku(?:yun)?|bak(?:ın)?)|bunlar da ilginizi çekebilir|devamını oku|diğer haberler|önerilen(?:ler)?|okumadan geçme",
    "uk": r"читайте (?:також|ще)(?: по темі)?|читати (?:також|далі)|дивіться (?:також|ще)|за темою|по темі|більше (?:новин|по темі|за темою)|до теми|вас може зацікавити|схожі (?:новини|статті)|рекомендуємо(?: прочитати)?|теж читають|також",
    "ru": r"читайте (?:также|ещё|еще)|смотрите также|по теме|материалы по теме|вам может быть интересно|похожие (?:новости|статьи)|рекомендуем|подробнее|другие новости|см\. также",
    "be": r"чытайце (?:таксама|яшчэ)|глядзіце таксама|па тэме",
    "sr": r"прочитајте (?:још|и)|погледајте (?:још|и)|pročitajte (?:još|i)|pogledajte (?:još|i)|povezane vesti|повезане вести",
    "hr": r"pročitajte (?:više|također|i ovo)|vezan[ei] (?:vijesti|članci)|više o",
    "sl": r"preberite (?:tudi|več)|sorodne novice|več o tem",
    "et": r"loe (?:ka|veel|lisaks|edasi)|seotud (?:lood|artiklid)|vaata ka",
    "lv": r"lasi(?:et)? (?:arī|vairāk|vēl)|saistīt(?:ie|ās) (?:raksti|ziņas)|skaties arī",
    "lt": r"taip pat skaitykite|skaityki?te? (?:daugiau|taip pat)|skaitykite|susij(?:ę|usios) (?:straipsniai|naujienos)|plačiau",
    "sq": r"lexo (?:edhe|më shumë)|shiko edhe",
    "ka": r"წაიკითხეთ (?:ასევე|მეტი)|ასევე (?:წაიკითხეთ|იხილეთ)|მსგავსი (?:სიახლეები|სტატიები)",
    "hy": r"կարդալ (?:նաև|ավելին)|կարդացեք նաև|տես(?:եք)? նաև",
    "az": r"həmçinin oxu(?:yun)?|oxşar xəbərlər|digər xəbərlər",
    "kk": r"тағы (?:да )?оқыңыз|сондай-ақ оқыңыз",
    "ar": r"اقرأ(?:ي|وا)? (?:أيضا|أيضًا|ايضا|المزيد)|إقرأ أيضا|شاهد أيضا|مواضيع ذات صلة|أخبار ذات صلة|ذات صلة|قد يهمك(?: أيضا)?",
    "fa": r"بیشتر بخوانید|همچنین بخوانید|مطالب مرتبط|اخبار مرتبط",
    "he": r"קראו (?:גם|עוד)|ראו גם|כתבות נוספות|עוד בנושא|אולי יעניין אותך",
    "hi": r"यह भी पढ़ें|ये भी पढ़ें|और पढ़ें|संबंधित खबरें|इसे भी पढ़ें",
    "bn": r"আরও পড়ুন|আরো পড়ুন|সম্পর্কিত খবর",
    "id": r"baca (?:juga|selengkapnya)|lihat juga|artikel terkait|berita terkait|simak juga|pilihan editor",
    "ms": r"baca juga|berita berkaitan",
    "vi": r"đọc thêm|xem thêm|tin liên quan|bài liên quan",
    "th": r"อ่านเพิ่มเติม|ข่าวที่เกี่ยวข้อง|อ่านข่าวอื่น",
    "sw": r"soma (?:pia|zaidi)|habari zinazohusiana",
    "zh": r"(?:相关|相關)(?:阅读|閱讀|报道|報導|新闻|新聞|文章|链接)|延伸(?:阅读|閱讀)|更多(?:阅读|新闻|報導)|推荐阅读|推薦閱讀|阅读更多|閱讀更多",
    "ja": r"(?:あわせて|合わせて)読みたい|関連(?:記事|ニュース|リンク)|おすすめ(?:記事)?|続きを読む|【関連記事】|もっと見る",
    "ko": r"관련\s?(?:기사|뉴스)|함께 (?:보면|읽으면) 좋은|더 ?보기|추천 ?(?:기사|뉴스)|많이 본 (?:기사|뉴스)",
}

# A whole line of furniture: buttons, advertisements, labels.
FURNITURE: Phrases = {
    "en": r"share(?: (?:this|on|via)\b.{0,40})?|print|save|listen(?: to (?:this|the) article)?(?: \d+ min(?:utes)?)?|copy link|link copied!?|(?:\d+ )?comments?|leave a comment|advertisement|sponsored(?: content)?|ad|story continues below(?: advertisement)?|article continues below(?: advertisement)?|(?:\d+ )?min(?:ute)?s? read|back to top|skip (?:ad|advertisement|to content)|read in app|view comments|post a comment|click here to read more|watch(?: now)?|loading\.*|follow|getty images|text size|email|facebook|twitter|whatsapp|telegram|linkedin|tags|topics|follow topics|headline|get daily .{0,30}news|see all (?:topics|comments)|reuse this content|play video|close|image (?:source|credit|caption)|media caption|figure caption",
    "de": r"teilen|drucken|merken|anzeige|werbung|artikel (?:anhören|teilen|drucken)|kommentare?(?: \(\d+\))?|link kopieren|kopiert|\d+ min(?:\.|uten)? lesezeit|lesedauer:? ?(?:ca\. )?\d+ min(?:\.|uten)?|hauptinhalt|zur startseite|nach oben|schließen|empfohlener externer inhalt|externer inhalt",
    "fr": r"partager(?: (?:l['’]article|sur)\b.{0,30})?|imprimer|publicité|passer la publicité|commenter|commentaires?(?: \(\d+\))?|écouter(?: (?:l['’]|cet )article)?|copier le lien|la suite après (?:la|cette) publicité|temps de lecture.{0,15}|fermer",
    "es": r"compartir(?: en\b.{0,30})?|imprimir|publicidad|comentar(?:ios)?|escuchar|copiar (?:enlace|link)|guardar|anuncio|enviar por correo|tiempo de lectura.{0,15}|comparte|cerrar",
    "ca": r"comparteix|publicitat|comentaris",
    "pt": r"compartilh(?:ar|e)(?: (?:no|na|via)\b.{0,30})?|partilhar?|imprimir|publicidade|continua (?:após|depois d)a? publicidade|comentários?|ouvir(?: (?:artigo|notícia))?|copiar link|guardar|salvar|fechar",
    "it": r"condividi(?: (?:su|l['’]articolo)\b.{0,30})?|stampa|pubblicità|commenti|ascolta(?: l['’]articolo)?|copia (?:il )?link|salva|chiudi|\d+ min(?:uti)? di lettura",
    "nl": r"deel(?: (?:dit artikel|op)\b.{0,30})?|delen|advertentie|reacties?|printen|opslaan|luister|kopieer link|leestijd.{0,15}|sluiten",
    "da": r"del(?: artikel(?:en)?)?|annonce|kommentarer|gem|lyt|print|kopiér link",
    "no": r"del(?: (?:saken|artikkelen|på)\b.{0,30})?|annonse|kommentarer|lytt|kopier lenke|skriv ut|artikkelen fortsetter under annonsen|fortsett å lese",
    "sv": r"dela(?: (?:artikeln|på)\b.{0,30})?|annons|kommentarer|lyssna|spara|skriv ut|kopiera länk|artikeln fortsätter under annonsen",
    "fi": r"jaa(?: artikkeli)?|mainos|kommentit|kuuntele|tulosta|kopioi linkki|artikkeli jatkuu mainoksen jälkeen",
    "is": r"deila|auglýsing",
    "pl": r"udostępnij(?: (?:na|artykuł)\b.{0,30})?|drukuj|reklama|komentarze?(?: \(\d+\))?|skopiuj link|posłuchaj|zapisz|dalszy ciąg artykułu pod (?:reklamą|materiałem wideo)|dalsza część artykułu pod (?:wideo|reklamą)|zamknij|podziel się",
    "cs": r"sdílet(?: (?:na|článek)\b.{0,30})?|reklama|vytisknout|diskuze|komentáře|uložit|zkopírovat odkaz|článek pokračuje pod reklamou",
    "sk": r"zdieľať(?: (?:na|článok)\b.{0,30})?|reklama|vytlačiť|diskusia|komentáre|uložiť|článok pokračuje pod (?:video )?reklamou",
    "hu": r"megosztás|megosztom|hirdetés|nyomtatás|hozzászólások?|mentés|link másolása|a cikk a hirdetés alatt folytatódik",
    "ro": r"distribuie(?: (?:pe|articolul)\b.{0,30})?|publicitate|comentarii|printează|tipărește|salvează|articolul continu[ăa] (?:mai jos|după reclam[ăa])|copiază link",
    "bg": r"сподели(?: (?:във?|в)\b.{0,30})?|реклама|коментари?|принтирай|запази|копирай линк",
    "el": r"κοινοποίηση|μοιραστείτε(?: το)?|διαφήμιση|σχόλια|εκτύπωση|αντιγραφή συνδέσμου|ακολουθεί διαφήμιση",
    "tr": r"paylaş(?:ın)?|yazdır|reklam|yorum(?:lar| yap)?|kaydet|dinle|haberi paylaş|bağlantıyı kopyala|haberin devamı",
    "uk": r"поділити(?:ся|сь)(?: (?:у|в|на)\b.{0,30})?|поширити|реклама|реклама:|коментарі?(?: \(?\d+\)?)?|коментувати|друкувати|зберегти|скопіювати посилання|посилання скопійовано|слухати|надрукувати|закрити|час читання.{0,15}|\d+ хв(?:илин)? (?:читання|на читання)|головне|змінити розмір тексту|відео дня",
    "ru": r"поделиться(?: (?:в|на)\b.{0,30})?|реклама|комментари(?:и|ев|й)(?: \(?\d+\)?)?|комментировать|распечатать|сохранить|скопировать ссылку|ссылка скопирована|слушать|закрыть|время (?:на )?чтени[ея].{0,15}|читать в приложении|продолжение после рекламы|видео дня",
    "be": r"падзяліцца|рэклама|каментары|друкаваць",
    "sr": r"подели|podeli|реклама|reklama|коментари|komentari|сачувај|sačuvaj",
    "hr": r"podijeli|oglas|komentari|spremi|ispiši",
    "sl": r"deli|oglas|komentarji|natisni",
    "et": r"jaga|reklaam|kommentaarid|prindi|salvesta",
    "lv": r"dalīties|dalies|reklāma|komentāri|drukāt|saglabāt",
    "lt": r"dalintis|dalinkitės|pasidalink(?:ti|ite)?|reklama|komentarai|spausdinti|išsaugoti",
    "sq": r"shpërndaje|reklamë|komente",
    "ka": r"გაზიარება|რეკლამა|კომენტარები",
    "hy": r"կիսվել|գովազդ|մեկնաբանություններ",
    "az": r"paylaş|reklam|şərhlər",
    "ar": r"شارك(?: (?:هذا|المقال|الخبر)\b.{0,20})?|مشاركة|إعلان|اعلان|طباعة|تعليقات|حفظ|استمع|نسخ الرابط",
    "fa": r"اشتراک[‌ ]?گذاری|تبلیغات|آگهی|چاپ|نظرات|کپی لینک",
    "he": r"שתפו|שתף|פרסומת|תגובות|הדפסה|שמירה",
    "hi": r"शेयर (?:करें)?|विज्ञापन|टिप्पणियां|कॉपी लिंक|सुनें",
    "bn": r"শেয়ার (?:করুন)?|বিজ্ঞাপন|মন্তব্য",
    "id": r"bagikan|iklan|komentar|cetak|simpan|salin tautan|scroll ke bawah.{0,40}|advertisement scroll.{0,30}",
    "ms": r"kongsi|iklan|komen",
    "vi": r"chia sẻ|quảng cáo|bình luận|in bài|lưu bài|sao chép (?:liên kết|link)",
    "th": r"แชร์|โฆษณา|ความคิดเห็น|พิมพ์",
    "sw": r"shiriki|tangazo|maoni",
    "zh": r"分享(?:到|至)?.{0,12}|广告|廣告|打印|列印|评论|評論|收藏|复制链接|複製連結|字号|字體大小|点击播放",
    "ja": r"シェア(?:する)?|広告|印刷|コメント|保存|リンクをコピー|ツイート|記事を保存|完了しました|その他|閉じる|ブックマーク|スクラップ",
    "ko": r"공유(?:하기)?|광고|인쇄(?:하기)?|댓글(?: \d+)?|저장|링크 ?복사|글자 ?크기|기사 ?(?:저장|공유)|스크랩|본문 듣기|닫기|구독(?:하기)?",
}

# Begins a short line that asks to follow, subscribe, write or give.
FOLLOW: Phrases = {
    "en": r"(?:please )?(?:subscribe|sign up) (?:to|for|now|today|here)\b|follow (?:us|@?\w+(?: \w+){0,4}) on\b|get (?:the|our|all the) .{0,60}(?:newsletter|inbox|alerts)|join (?:our|us on|the) .{0,40}(?:newsletter|channel|whatsapp|telegram|community)|download (?:our|the) .{0,30}app\b|like us on\b|(?:for more (?:stories|news)|get in touch with) .{0,60}|newsletter\b|if you (?:enjoyed|liked) this (?:article|story)|support (?:our|independent) journalism|donate (?:now|to)|have (?:a story|you got a story|a tip)|do you (?:have a story|know more)|contact (?:the author|us at)|stay (?:informed|up to date|connected)|keep up with|click here to (?:subscribe|join|sign up|follow|download)|receive (?:the|our) .{0,40}newsletter|find us on|never miss|we['’]d like to hear",
    "de": r"(?:jetzt )?(?:hier )?(?:können sie )?(?:den|unseren|zum) .{0,40}newsletter|newsletter\b|folgen sie uns|folge uns|abonnieren sie|jetzt (?:abonnieren|anmelden|herunterladen)|melden sie sich .{0,40}an\b|laden sie (?:sich )?(?:unsere|die) .{0,30}app|unterstützen sie (?:uns|unser)|aktuelle meldungen .{0,120}(?:liveblog|newsblog)|haben sie (?:fragen|hinweise)|schreiben sie uns|alle (?:infos|informationen|nachrichten) .{0,60}(?:hier|newsletter)\b|mehr nachrichten|dieses thema im programm",
    "fr": r"(?:inscrivez|abonnez)-vous\b|suivez(?:-nous| l['’]actualité| .{0,30} sur\b)|recevez (?:nos|notre|la|les|chaque) .{0,60}|newsletter\b|téléchargez (?:notre|l['’])|rejoignez(?:-nous| notre)|soutenez(?:-nous| notre| le journalisme)|retrouvez (?:tous|toute|nos|l['’]actualité|notre) .{0,80}",
    "es": r"suscr[ií]b(?:ete|ase|irse)\b|s[ií]gue(?:nos| a)\b|s[ií]ganos\b|recib[ea] (?:la|las|nuestro|nuestra|en tu) .{0,60}|newsletter\b|bolet[ií]n\b|descarga (?:nuestra|la) .{0,30}app|[úu]nete a\b|apúntate\b|consulta .{0,60} aquí|toda la información .{0,40}en (?:facebook|nuestra)|conforme a los criterios",
    "ca": r"segueix-nos|subscriu-te|butlletí",
    "pt": r"(?:inscreva-se|assine|subscreva)\b|siga(?:-nos| o| a)\b.{0,50}(?:no|na|em)\b|receba (?:as|os|a|o|nossas|no seu) .{0,60}|newsletter\b|participe d[oa] (?:canal|grupo|comunidade)|baixe (?:o|nosso) .{0,30}app|entre (?:no|para o) (?:canal|grupo)|clique aqui (?:e|para)|acompanhe .{0,40}(?:redes|instagram|facebook|whatsapp)",
    "it": r"iscriviti\b|segui(?:ci|\b .{0,30} su\b)|newsletter\b|abbonati\b|ricevi (?:le|la|gratis|ogni) .{0,60}|scarica (?:la nostra|l['’])\s?app|unisciti\b|resta (?:aggiornato|sempre)",
    "nl": r"schrijf (?:je|u) in\b|meld (?:je|u) aan\b|volg ons\b|abonneer\b|nieuwsbrief\b|download (?:onze|de) .{0,30}app|ontvang (?:de|onze|elke|dagelijks) .{0,60}|tip de redactie|heb je een (?:tip|vraag)",
    "da": r"tilmeld dig\b|følg (?:os|med)\b|nyhedsbrev\b|abonnér\b|hent (?:vores|app)",
    "no": r"meld deg på\b|følg (?:oss|med)\b|nyhetsbrev\b|abonner\b|last ned .{0,20}app|har du (?:tips|innspill)|tips oss\b|vi vil gjerne høre fra deg",
    "sv": r"prenumerera\b|anmäl dig\b|följ (?:oss|med)\b|nyhetsbrev(?:et)?\b|ladda ner .{0,20}app|tipsa (?:oss)?\b|har du tips",
    "fi": r"tilaa (?:uutiskirje|.{0,30}uutiskirje)|seuraa (?:meitä|.{0,20}somessa)|uutiskirje\b|lataa .{0,20}sovellus",
    "pl": r"zapisz się\b|subskrybuj\b|obserwuj (?:nas)?\b|śledź nas\b|newsletter\b|polub nas\b|dołącz do (?:nas|nasz)|pobierz (?:naszą )?aplikacj|chcesz być na bieżąco|bądź na bieżąco|jeśli (?:zauważyłeś|masz dla nas)|masz (?:temat|informacje|zdjęcie)|wesprzyj (?:nas|naszą|portal|redakcj)|odwiedź naszą? stronę",
    "cs": r"odebírejte\b|přihlaste se\b|sledujte (?:nás|.{0,30} na\b)|newsletter\b|stáhněte si\b.{0,30}aplikac|podpořte (?:nás|naš)",
    "sk": r"odoberajte\b|prihláste sa\b|sledujte (?:nás|.{0,30} na\b)|newsletter\b|stiahnite si\b.{0,30}aplikác|podporte (?:nás|naš)",
    "hu": r"iratkoz(?:z|zon) fel\b|kövess(?:en)?\b.{0,30}(?:facebook|minket|bennünket)|hírlevél\b|töltse le\b|támogass(?:a|on)? (?:minket|bennünket|munk|a szerk).{0,60}|csatlakoz(?:z|zon)\b",
    "ro": r"abonea(?:ză|za)-te\b|abonați-v[ăa]\b|urm[ăa]re(?:ș|ş|s)te(?:-ne| .{0,30} pe\b)|urmăriți-ne\b|newsletter\b|descarc[ăa] aplica(?:ț|ţ|t)ia|intr[ăa] pe\b|susține(?:-ne| jurnalismul| proiectul| redacția)|pentru (?:știri|ştiri|alte știri|mai multe)\b.{0,80}(?:urm|abon|telegram|facebook)|dac[ăa] (?:ți-a plăcut|v-a plăcut)",
    "bg": r"абонирайте се\b|последвайте ни\b|следете (?:ни|.{0,30} във?)\b|бюлетин\b|изтеглете\b.{0,30}приложени|подкрепете (?:ни|наш)|харесайте\b",
    "el": r"εγγραφείτε (?:στο|τώρα|εδώ)|ακολουθ(?:ήστε|ησε) .{0,60}(?:στο|google|facebook|instagram)|newsletter\b|κατεβάστε (?:το|την) .{0,30}(?:app|εφαρμογή)|διαβάστε όλες τις (?:τελευταίες )?ειδήσεις|γίνετε μέλος",
    "tr": r"abone ol(?:un)?\b|(?:bizi |.{0,30}['’]?[dt][ae] )takip ed(?:in|ebilirsiniz)|bülten\b|uygulamamızı indir|haberdar olmak için|son dakika (?:haberler|gelişmeler)\w* .{0,60}(?:takip|tıkla)",
    "uk": r"підписуйте?(?:ся|сь)\b|підпишіть(?:ся|сь)\b|підписати(?:ся|сь)\b|підписка на (?:наш|розсил|канал|новин|telegram|телеграм)|(?:стежте|слідкуйте) за (?:нами|наш|новин|оновл|розвитком).{0,80}|долучайте?(?:ся|сь)\b|приєднуйте?(?:ся|сь)\b|розсилка\b|завантаж(?:уйте|те) (?:наш |мобільний )?(?:застосун|додаток).{0,60}|підтримайте (?:нас|наш|проєкт|редакц|роботу|незалежн).{0,60}|стати спонсором|якщо ви (?:помітили|знайшли) помилку|помітили помилку|знайшли помилку|побачили помилку|виділіть її|хочете (?:знати|дізнаватися|отримувати)|наш (?:telegram|телеграм|viber|вайбер|канал)|ми (?:в|у) (?:telegram|телеграм|соцмережах)|оперативні новини|всі (?:новини|матеріали) .{0,40}(?:telegram|телеграм|за посиланням)|будьте в курсі|допоможіть (?:нам|проєкту|редакції)|читайте нас\b|надіслати новину|donate|роботу нового сайту|цей матеріал .{0,40}(?:створено|опубліковано) за (?:підтримки|фінансової)",
    "ru": r"подписывайте?(?:ся|сь)\b|подпишите?(?:ся|сь)\b|подписаться\b|подписка на (?:наш|рассыл|канал|новост|telegram|телеграм)|следите за (?:нами|наш|новост|обновл|развитием).{0,80}|присоединяйте?(?:ся|сь)\b|рассылка\b|скача(?:йте|вайте) (?:приложение|наше).{0,60}|поддерж(?:ите|ать) (?:нас|наш|проект|редакц|работу|независим).{0,60}|если вы (?:заметили|нашли|обнаружили) ошибку|нашли ошибку|нашли опечатку|заметили ошибку|выделите (?:её|ее|фрагмент|текст)|хотите (?:узнавать|получать)|наш (?:telegram|телеграм|канал)|мы в (?:telegram|телеграм|соцсетях|дзен)|все (?:новости|материалы) .{0,40}(?:telegram|телеграм|в дзен)|читайте нас\b|будьте в курсе|главные новости .{0,40}(?:telegram|канал)|самое (?:важное|интересное) .{0,40}(?:telegram|телеграм|канал)|прислать новость",
    "be": r"падпісвайцеся\b|далучайцеся\b|сачыце за\b|падтрымайце (?:нас|наш)",
    "sr": r"пратите нас\b|pratite nas\b|претплатите се\b|pretplatite se\b|преузмите\b|preuzmite\b|билтен\b",
    "hr": r"pratite nas\b|pretplatite se\b|prijavite se\b|preuzmite\b",
    "sl": r"spremljajte nas\b|naročite se\b|prijavite se\b",
    "et": r"liitu\b.{0,30}uudiskirja|jälgi meid\b|telli uudiskiri|uudiskiri\b",
    "lv": r"seko (?:mums|līdzi)\b|pieraksties\b|abonē\b|jaunumu vēstule",
    "lt": r"sekite (?:mus|naujienas)\b|prenumeruok(?:ite)?\b|naujienlaiškis|užsisakyk(?:ite)?\b",
    "sq": r"na ndiqni\b|abonohuni\b",
    "ka": r"გამოიწერეთ|გამოგვყევით|შემოგვიერთდით|მოგვყევით",
    "hy": r"հետևեք մեզ|բաժանորդագրվեք|միացեք",
    "az": r"bizi .{0,30}izləyin|abunə olun",
    "kk": r"жазылыңыз|бізге қосылыңыз",
    "ar": r"تابع(?:وا|ونا|نا)?\b.{0,40}(?:على|عبر|قناة)|اشترك(?:وا)?\b|انضم(?:وا)?\b|النشرة البريدية|حمّ?ل(?:وا)? تطبيق|لمتابعة (?:آخر|أهم|المزيد)",
    "fa": r"ما را .{0,30}دنبال کنید|مشترک شوید|خبرنامه|به کانال .{0,30}بپیوندید",
    "he": r"הירשמו|עקבו אחרינו|הצטרפו|ניוזלטר|הורידו את",
    "hi": r".{0,60}(?:फॉलो करें|सब्सक्राइब करें|डाउनलोड करें|के लिए यहां क्लिक करें)|हमें .{0,30}फॉलो",
    "bn": r".{0,60}(?:ফলো করুন|সাবস্ক্রাইব করুন)",
    "id": r"ikuti (?:kami|berita|saluran|kanal|whatsapp|.{0,30} di (?:google|whatsapp|instagram))|berlangganan\b|dapatkan (?:berita|update|kabar)|unduh\b.{0,30}aplikasi|gabung\b.{0,30}(?:channel|grup|kanal)|klik di sini|simak (?:berita|breaking)|kirim(?:kan)? (?:berita|artikel)",
    "ms": r"ikuti kami|langgan\b|muat turun\b|dapatkan (?:berita|info)",
    "vi": r"theo dõi (?:chúng tôi|.{0,30} trên)|đăng ký nhận|tải ứng dụng|mời (?:quý )?(?:bạn|độc giả)",
    "th": r"ติดตาม(?:เรา|ข่าว|ช่อง).{0,60}|สมัครรับ|กดติดตาม|เพิ่มเพื่อน",
    "sw": r"tufuatilie|jiunge\b|jisajili\b",
    "zh": r"(?:扫码|扫描|微信扫|长按).{0,20}|关注(?:我们|微信|.{0,12}公众号)|關注我們|订阅(?:我们|.{0,10}(?:邮件|通讯|频道))|訂閱.{0,12}|下载.{0,10}(?:客户端|app)|下載.{0,10}app|加入.{0,12}(?:频道|頻道|群组|line)|欢迎(?:关注|订阅|投稿)|追蹤我們",
    "ja": r"(?:公式|ニュースレター|メルマガ).{0,20}(?:登録|フォロー)|フォロー(?:する|してください)|メールマガジン|無料登録|アプリ(?:を|で)ダウンロード|国際ニュースを英語で読む",
    "ko": r".{0,30}(?:구독(?:하세요|해 ?주세요|신청)|팔로우|친구 ?추가)|뉴스레터|제보(?:하기|는|를)|카카오톡.{0,20}(?:제보|채널|검색)|네이버.{0,12}(?:구독|채널)|▶.{0,60}",
}

# A short line of rights, sources and errata, at the end.
RIGHTS: Phrases = {
    "en": r"(?:copyright\b|©|\(c\) ?\d{4}).{0,160}|.{0,60}all rights reserved.{0,160}|this (?:material|story|article|content) may not be (?:published|reproduced).{0,120}|reprinted with permission.{0,80}|terms (?:of use|and conditions).{0,60}|this article (?:was|is) (?:originally )?(?:published|syndicated) .{0,160}|published (?:on|:).{0,40}|last (?:updated|modified).{0,40}|updated:? .{0,40}",
    "de": r"alle rechte vorbehalten.{0,60}|quellen?: .{0,80}|(?:\(|mit material (?:von|der) ).{0,40}(?:dpa|afp|apa|reuters|sid|epd|kna)\b.{0,20}|veröffentlicht (?:am|:).{0,40}|aktualisiert.{0,40}|stand: .{0,40}|mit agenturmaterial\.?",
    "fr": r"tous droits (?:de reproduction )?(?:et de représentation )?réservés.{0,80}|publié (?:le|hier|aujourd).{0,60}|mis à jour.{0,60}|\(?avec (?:l['’])?(?:afp|reuters|ap)\b.{0,20}",
    "es": r"todos los derechos reservados.{0,80}|prohibid[ao] (?:la|su) reproducción.{0,100}|publicado (?:el|:).{0,50}|actualizado.{0,50}|fuentes?: .{0,60}|© .{0,80}",
    "pt": r"todos os direitos reservados.{0,80}|publicado (?:em|:).{0,50}|atualizado.{0,50}|fontes?: .{0,60}",
    "it": r"(?:©|copyright|tutti i diritti riservati|riproduzione riservata).{0,80}|pubblicato (?:il|:).{0,50}|aggiornato.{0,50}|fonti?: .{0,60}",
    "nl": r"alle rechten voorbehouden.{0,60}|bron: .{0,60}|lees onze privacyverklaring.{0,40}",
    "no": r"kilder?: .{0,60}|publisert:? .{0,40}|oppdatert:? .{0,40}",
    "sv": r"källa: .{0,60}|publicerad:? .{0,40}|uppdaterad:? .{0,40}",
    "da": r"kilde: .{0,60}|alle rettigheder forbeholdes.{0,60}",
    "fi": r"lähde: .{0,60}",
    "pl": r"wszelkie prawa zastrzeżone.{0,100}|wszystkie prawa zastrzeżone.{0,100}|źródł[oa]: .{0,80}|© .{0,100}|dalsze rozpowszechnianie.{0,160}|oprac\. .{0,50}|materiał chroniony prawem autorskim.{0,160}",
    "cs": r"(?:všechna )?práva vyhrazena.{0,80}|zdroj: .{0,60}",
    "sk": r"všetky práva vyhradené.{0,80}|zdroj: .{0,60}",
    "hu": r"minden jog fenntartva.{0,80}|forrás: .{0,60}|\(?(?:mti|nyitókép|borítókép)\b.{0,80}",
    "ro": r"toate drepturile rezervate.{0,80}|surs[ăa]: .{0,60}|articol(?:ul)? preluat.{0,60}",
    "bg": r"всички права (?:са )?запазени.{0,80}|източник: .{0,60}",
    "el": r"(?:με επιφύλαξη παντός δικαιώματος|απαγορεύεται η (?:αναδημοσίευση|αναπαραγωγή)).{0,100}|πηγή: .{0,60}",
    "tr": r"(?:tüm|her) hakk?[ıi].{0,12}saklıdır.{0,80}|kaynak: .{0,60}|yayınlanma(?: tarihi)?:? .{0,40}|güncelleme(?: tarihi)?:? .{0,40}",
    "uk": r"(?:усі|всі) права (?:захищені|застережено).{0,80}|джерел[оа]: .{0,80}|передрук.{0,100}(?:заборонен|дозвол).{0,60}|використання матеріалів.{0,140}|опубліковано:? .{0,40}|оновлено:? .{0,40}|фото:? .{0,60}|головне фото:? .{0,60}|заглавне фото:? .{0,60}",
    "ru": r"все права защищены.{0,80}|источники?: .{0,80}|перепечатка.{0,100}(?:запрещ|разреш).{0,60}|использование материалов.{0,140}|опубликовано:? .{0,40}|обновлено:? .{0,40}|иностранн(?:ый|ым) агент.{0,160}",
    "sr": r"сва права задржана.{0,60}|sva prava zadržana.{0,60}|(?:izvor|извор): .{0,60}",
    "hr": r"sva prava pridržana.{0,60}",
    "et": r"kõik õigused kaitstud.{0,60}|allikas: .{0,60}",
    "lv": r"visas tiesības (?:aizsargātas|paturētas).{0,60}|avots: .{0,60}",
    "lt": r"visos teisės saugomos.{0,60}|šaltinis: .{0,60}",
    "ka": r"ყველა უფლება დაცულია.{0,60}|წყარო: .{0,60}",
    "ar": r"(?:جميع )?الحقوق محفوظة.{0,60}|المصدر ?: .{0,60}",
    "fa": r"(?:تمام|کلیه) حقوق .{0,60}محفوظ.{0,40}|منبع ?: .{0,60}",
    "he": r"כל הזכויות שמורות.{0,60}",
    "id": r"hak cipta.{0,60}|sumber ?: .{0,60}|dilarang .{0,80}(?:izin|tanpa).{0,80}|\(?(?:editor|penulis|reporter) ?: .{0,60}",
    "vi": r"nguồn ?: .{0,60}|bản quyền.{0,60}",
    "zh": r"(?:版权|版權)(?:所有|声明|聲明|归).{0,120}|未经(?:授权|许可|書面).{0,60}|未經.{0,60}|[（(【]?(?:责任编辑|責任編輯|责编|编辑|編輯|校对|校對|审核|监制|核稿編輯)\s?[：:].{0,60}|(?:来源|來源|資料來源|稿源)\s?[：:].{0,60}|本文(?:来源|来自|轉自|转自|为|系).{0,100}",
    "ja": r"(?:無断(?:転載|複製)|著作権).{0,60}|(?:copyright|©).{0,80}|出典\s?[：:].{0,60}",
    "ko": r".{0,40}무단\s?(?:전재|복제|배포|재배포).{0,80}|저작권자.{0,80}|ⓒ.{0,80}|(?:[가-힣]{2,4}\s?(?:기자|특파원|인턴기자|논설위원)\s*)?[\w.+-]+@[\w.-]+\.\w+",
}

# Begins a short line that names a picture's maker.
CREDIT = (
    r"(?:(?:photo|image|picture|photograph|video|screenshot|foto(?:s|grafie|grafía|grafia)?|bild(?:er|quelle)?|imagen|imagem|immagine|kép|fotó|zdjęci[ea]|fot\.|obr\.|obrázek|"
    r"φωτο(?:γραφία)?|εικόνα|фото(?:графія|графия|графии)?|скріншот|скриншот|снимка|ілюстрація|иллюстрация|illustration|rendering|nuotr\.|ფოტო|լուսանկար|صورة|عکس|תמונה|"
    r"写真|사진|图|图片|图源|圖|照片|क्रेडिट|ảnh|ภาพ)(?: (?:credit|source|courtesy|by|de|di|von|av|af|door|par|ілюстративне|на обкладинці|иллюстративное|обкладинки|ilustracyjne))*\s*[:：/©])"
    r"|(?:getty images|afp|reuters|epa(?:-efe)?|associated press|ap photo|shutterstock|istock|zuma|imago|ukrinform|укрінформ)(?:\s*[/|]\s*[^\n]{0,80})?$"
)

# Begins a byline, in front of names.
BY = (
    r"(?:(?:written|words|story|report(?:ed|ing)?|text|photos?|edited|analysis|opinion|review) by|by|from|author|von|autor(?:in|a|zy)?|text|par|propos recueillis par|por|texto|di|a cura di|door|tekst|av|af|"
    r"texte|kirjoittaja|napsal[a]?|szerző|írta|de|autorul?|автор(?:ка|ы|и)?|текст|журналіст(?:ка)?|от|του|της|γράφει(?: ο| η)?|συντάκτης|yazan|haber|muallif|autorius|parengė|autors|autorė|"
    r"ავტორი|հեղինակ|بقلم|كتب(?:ت)?|نویسنده|מאת|लेखक|oleh|penulis|tác giả|โดย|mwandishi|na|na mwandishi|文|记者|記者|作者|撰文|文／|기자|글)\s*[:：/]?\s+"
)
"""Words in front of a name in a byline."""


def joined(phrases: Phrases) -> str:
    """All languages' phrases as one alternative."""
    return "|".join(f"(?:{pattern})" for pattern in phrases.values())


def compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
