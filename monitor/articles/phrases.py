"""The words that stand around articles, by language.

Regular expressions without case. Each table is matched as one: a page is asked in every language, because pages lie about
theirs and mix them. Structure is asked first everywhere (`structure`, `grade`); words only tell what structure cannot.
"""

import re
from collections.abc import Mapping
from functools import cached_property
from itertools import pairwise

from monitor.late import late

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
    "th": r"อ่านเพิ่มเติม|(?:ข่าว|เรื่อง)ที่เกี่ยวข้อง|อ่านข่าวอื่น",
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
    "pt": r"compartilh(?:ar|e)(?: (?:no|na|via)\b.{0,30})?|partilhar?|imprimir|publicidade|continua (?:após|depois d)\s?a publicidade|comentários?|ouvir(?: (?:artigo|notícia))?|copiar link|guardar|salvar|fechar",
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
    "ja": r"(?:この(?:ニュース|記事)を)?シェア(?:する)?|広告|印刷|コメント|保存|リンクをコピー|ツイート|記事を保存|完了しました|その他|閉じる|ブックマーク|スクラップ",
    "ko": r"공유(?:하기)?|광고|인쇄(?:하기)?|댓글(?: \d+)?|저장|링크 ?복사|글자 ?크기|기사 ?(?:저장|공유)|스크랩|본문 듣기|닫기|구독(?:하기)?",
}

# A line above what readers wrote, and what follows it is theirs.
COMMENTS: Phrases = {
    "en": r"(?:(?:view |see |read |all |top )?(?:\d[\d,.]* )?(?:reader )?comments?(?: ?[(\[:]? ?\d+ ?[)\]]?)?|(?:leave|post|add) (?:a|your) (?:reply|comment)|join the (?:conversation|discussion)|what do you think\??|(?:\d+ )?(?:responses|thoughts on) .{0,80})",
    "de": r"(?:(?:alle |zu den )?(?:\d[\d.]* )?kommentare?(?: ?[(\[:]? ?\d+ ?[)\]]?)?|kommentar (?:hinzufügen|schreiben|verfassen)|diskutieren sie mit|leserkommentare|schreib(?:e|en sie) (?:einen|ihren) kommentar)",
    "fr": r"(?:(?:tous les |\d+ )?commentaires?(?: ?\(\d+\))?|(?:laisser|poster|ajouter) un commentaire|réagir|vos réactions)",
    "es": r"(?:(?:ver |\d+ )?comentarios?(?: ?\(\d+\))?|deja (?:un|tu) comentario|publicar (?:un )?comentario|únete a la conversación)",
    "pt": r"(?:(?:ver |\d+ )?comentários?(?: ?\(\d+\))?|(?:deixe|deixar) (?:um|seu|o seu) comentário)",
    "it": r"(?:(?:vedi |\d+ )?commenti?(?: ?\(\d+\))?|lascia un commento|scrivi un commento)",
    "nl": r"(?:(?:alle |\d+ )?reacties?(?: ?\(\d+\))?|(?:plaats|geef|schrijf) (?:een|je) reactie|reageer)",
    "da": r"(?:(?:\d+ )?kommentarer?(?: ?\(\d+\))?|skriv en kommentar)",
    "no": r"(?:(?:\d+ )?kommentarer?(?: ?\(\d+\))?|skriv en kommentar|legg igjen en kommentar)",
    "sv": r"(?:(?:\d+ )?kommentarer?(?: ?\(\d+\))?|(?:skriv|lämna) en kommentar)",
    "fi": r"(?:(?:\d+ )?komment(?:it|tia)(?: ?\(\d+\))?|jätä kommentti|kommentoi)",
    "pl": r"(?:(?:wszystkie |\d+ )?komentarz(?:e|y)?(?: ?[(:]? ?\d+ ?\)?)?|(?:dodaj|napisz|zostaw) komentarz|opinie)",
    "cs": r"(?:(?:\d+ )?(?:komentář(?:e|ů)?|diskuse|diskuze)(?: ?\(\d+\))?|(?:přidat|napsat|vložit) komentář|vstoupit do diskuse)",
    "sk": r"(?:(?:\d+ )?(?:komentár(?:e|ov)?|diskusia)(?: ?\(\d+\))?|(?:pridať|napísať) komentár)",
    "hu": r"(?:(?:\d+ )?(?:hozzászólás(?:ok)?|komment(?:ek)?)(?: ?\(\d+\))?|szólj hozzá)",
    "ro": r"(?:(?:\d+ (?:de )?)?comentari(?:i|u)(?: ?\(\d+\))?|(?:lasă|adaugă|scrie) un comentariu|lăsați un comentariu)",
    "bg": r"(?:(?:\d+ )?коментари?(?: ?\(\d+\))?|(?:напиши|добави|остави) коментар)",
    "el": r"(?:(?:\d+ )?σχόλια(?: ?\(\d+\))?|(?:αφήστε|γράψτε|προσθέστε) (?:ένα )?(?:το )?σχόλιο)",
    "tr": r"(?:(?:\d+ )?yorum(?:lar)?(?: ?\(\d+\))?|yorum (?:yap|yaz|ekle)(?:ın)?)",
    "uk": r"(?:(?:усі |всі |\d+ )?коментар(?:і|ів|я)?(?: ?[(:]? ?\d+ ?\)?)?|(?:залишити|додати|написати) коментар|обговорення)",
    "ru": r"(?:(?:все |\d+ )?комментари(?:и|ев|й|я)(?: ?[(:]? ?\d+ ?\)?)?|(?:оставить|добавить|написать) комментарий|обсуждение)",
    "be": r"каментар(?:ы|аў)?",
    "sr": r"(?:коментари|komentari)(?: ?\(\d+\))?|(?:остави|напиши) коментар",
    "hr": r"(?:\d+ )?komentar[ai]?(?: ?\(\d+\))?",
    "sl": r"(?:\d+ )?komentar(?:ji|jev)?(?: ?\(\d+\))?",
    "et": r"(?:\d+ )?kommentaar(?:i|id)?(?: ?\(\d+\))?|lisa kommentaar",
    "lv": r"(?:\d+ )?komentār(?:i|us)(?: ?\(\d+\))?|pievienot komentāru",
    "lt": r"(?:\d+ )?komentar(?:ai|ų|as)(?: ?\(\d+\))?|(?:rašyti|palikti) komentarą",
    "ka": r"კომენტარები",
    "hy": r"մեկնաբանություններ",
    "ar": r"(?:\d+ )?(?:ال)?تعليقات(?: ?\(\d+\))?|(?:اترك|أضف|اكتب) تعليق(?:ا|ك|اً)?",
    "fa": r"نظرات(?: کاربران)?|(?:ارسال|ثبت) نظر|دیدگاه(?:‌?ها)?",
    "he": r"(?:\d+ )?תגובות|(?:הוסף|כתוב) תגובה",
    "hi": r"टिप्पणि(?:याँ|यां)|कमेंट(?:्स)?",
    "id": r"(?:\d+ )?komentar(?: ?\(\d+\))?|tulis komentar|tinggalkan (?:balasan|komentar)",
    "vi": r"(?:ý kiến|bình luận)(?: ?\(\d+\))?|gửi bình luận",
    "th": r"ความคิดเห็น|แสดงความคิดเห็น",
    "sw": r"maoni|acha maoni",
    "zh": r"(?:全部|最新|网友|網友|发表|發表)?(?:评论|評論|留言)(?:[(（]\d+[)）])?|我要(?:评论|評論|留言)",
    "ja": r"コメント(?:する|を書く|一覧)?(?:[(（]\d+[)）])?",
    "ko": r"(?:전체 )?댓글(?: ?\d+개?)?(?: ?쓰기)?",
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
    "th": r"ร่วมบริจาค|สนับสนุนเรา|ติดตาม(?:เรา|ข่าว|ช่อง).{0,60}|สมัครรับ|กดติดตาม|เพิ่มเพื่อน",
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
    "tr": r"(?:tüm|her) hak\w* saklıdır.{0,80}|kaynak: .{0,60}|yayınlanma(?: tarihi)?:? .{0,40}|güncelleme(?: tarihi)?:? .{0,40}",
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
    """A table as one expression, at its first use: all tables together take as long as four pages, and few pages need more than two or three."""
    return late(pattern, re.IGNORECASE)


class Openings:
    """A table of what lines begin with. Of its hundreds of phrases a line meets those that begin with its own letter, and only they are ever compiled.

    after: pattern of what follows each of them.
    """

    def __init__(self, phrases: Phrases, *, after: str = ""):
        self._phrases, self._after = phrases, after
        self._by_letter: dict[str, re.Pattern[str]] = {}

    def match(self, line: str) -> re.Match[str] | None:
        return self._beginning_like(line).match(line)

    def fullmatch(self, line: str) -> re.Match[str] | None:
        return self._beginning_like(line).fullmatch(line)

    def _beginning_like(self, line: str) -> re.Pattern[str]:
        letter = first if (first := _first(line)) in self._alternatives else ""
        if letter not in self._by_letter:
            likely = sorted({*self._alternatives[letter], *self._alternatives[""]})
            self._by_letter[letter] = re.compile(f"(?:{'|'.join(each for _, each in likely) or _NEVER}){self._after}", re.IGNORECASE)
        return self._by_letter[letter]

    @cached_property
    def _alternatives(self) -> dict[str, list[tuple[int, str]]]:
        """With their places, by the letter they begin with; at "" those that begin with no plain one."""
        found: dict[str, list[tuple[int, str]]] = {"": []}
        for place, each in enumerate(each for pattern in self._phrases.values() for each in _alternatives(pattern)):
            found.setdefault(_first(each) if _PLAIN_LETTER.match(each) else "", []).append((place, each))
        return found


def _first(text: str) -> str:
    """The first letter as `re.IGNORECASE` takes it: the dotless i is an i."""
    return text[:1].casefold()[:1].replace("ı", "i")


def _alternatives(pattern: str) -> list[str]:
    """A pattern's parts between the "|" that stand in no group."""
    depth, cuts = 0, [-1]
    for mark in _MARKS.finditer(pattern):
        depth += (mark[0] == "(") - (mark[0] == ")")
        if mark[0] == "|" and not depth:
            cuts.append(mark.start())
    return [pattern[start + 1 : stop] for start, stop in pairwise((*cuts, len(pattern)))]


_MARKS = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|[()|]", re.DOTALL)
_PLAIN_LETTER = re.compile(r"[^\W\d_](?![?*{])")
_NEVER = "(?!)"


# What a title or a short page says that is no article.
NOT_FOUND: Phrases = {
    "en": r"\b(?:404|410)\b|(?:page|article|content|document|story|link)\b.{0,30}\b(?:not|no longer|can['’]?t|cannot)\b (?:be )?(?:found|available|exists?)|page does(?:n['’]t| not) exist|(?:page|content) (?:unavailable|not found)|(?:page|article|content|link)\b.{0,20}(?:has|have|was|were) (?:been )?(?:removed|moved|deleted)\b|nothing (?:was )?found|oops\W{0,3}(?:that |this |the |we |something )",
    "de": r"(?:seite|artikel|inhalt)\b.{0,30}nicht (?:\w+ )?(?:gefunden|verfügbar|vorhanden)|seite existiert nicht",
    "fr": r"(?:page|article|contenu) (?:introuvable|non trouvée?|inexistante?)|(?:page|article)\b.{0,40}n['’](?:existe|est) (?:plus|pas)",
    "es": r"(?:página|pagina|noticia|contenido)\b.{0,20} no (?:encontrad[ao]|existe|disponible)|no (?:se (?:ha )?)?encontr\w+ (?:la|esta) página|error 404",
    "ca": r"pàgina no trobada",
    "pt": r"página não (?:encontrada|existe)|conteúdo não (?:encontrado|disponível)",
    "it": r"pagina non (?:trovata|disponibile|esiste)|contenuto non (?:trovato|disponibile)",
    "nl": r"pagina (?:is )?niet (?:gevonden|beschikbaar)|pagina bestaat niet",
    "da": r"siden (?:blev|kunne) ikke (?:fundet|findes)|siden findes ikke",
    "no": r"siden (?:ble|kunne) ikke (?:funnet|finnes)|siden finnes ikke|fant ikke siden",
    "sv": r"sidan (?:kunde inte hittas|finns inte|hittades inte)|hittar inte sidan",
    "fi": r"sivua ei (?:löydy|löytynyt)",
    "pl": r"nie znaleziono (?:strony|artykułu)|stron[ay] nie (?:istnieje|została znaleziona|odnaleziono)|artykuł nie istnieje",
    "cs": r"stránka (?:nebyla nalezena|neexistuje|nenalezena)",
    "sk": r"stránka (?:nebola nájdená|neexistuje|sa nenašla)",
    "hu": r"(?:az )?oldal nem található|nem található (?:az )?oldal|a keresett oldal",
    "ro": r"pagina (?:nu (?:a fost g[ăa]sit[ăa]|exist[ăa])|negăsită)|articolul nu (?:a fost găsit|există)",
    "bg": r"страницата не (?:е намерена|съществува|беше намерена)",
    "el": r"η σελίδα δεν (?:βρέθηκε|υπάρχει)|δεν βρέθηκε η σελίδα",
    "tr": r"sayfa (?:bulunamadı|mevcut değil)|aradığınız sayfa",
    "uk": r"сторінк\w+ не (?:знайдено|існує|існувала)|сторінку (?:було )?(?:видалено|переміщено)|матеріал не знайдено",
    "ru": r"страниц\w+ не (?:найдена|существует)|страница (?:была )?(?:удалена|перемещена)|материал не найден",
    "be": r"старонк\w+ не (?:знойдзена|існуе)",
    "sr": r"страница није пронађена|stranica nije pronađena",
    "hr": r"stranica nije pronađena|stranica ne postoji",
    "sl": r"stran(?:i)? ni (?:bilo mogoče najti|najdena)|strani ni mogoče najti",
    "et": r"lehekülge ei leitud|lehte ei leitud",
    "lv": r"lapa nav atrasta",
    "lt": r"puslapis nerastas",
    "ka": r"გვერდი (?:ვერ მოიძებნა|არ მოიძებნა)",
    "hy": r"էջը (?:չի գտնվել|գոյություն չունի)",
    "ar": r"(?:الصفحة|المحتوى) غير (?:موجودة?|متوفرة?|متاحة?)|لم يتم العثور على",
    "fa": r"(?:صفحه|مطلب)\b.{0,20}(?:یافت نشد|پیدا نشد|وجود ندارد)",
    "he": r"(?:הדף|העמוד)\b.{0,20}לא (?:נמצא|קיים)",
    "hi": r"(?:पेज|पृष्ठ) नहीं मिला",
    "id": r"halaman tidak (?:ditemukan|tersedia)",
    "vi": r"không tìm thấy trang|trang (?:này )?không tồn tại",
    "th": r"ไม่พบหน้า",
    "sw": r"ukurasa haupatikani",
    "zh": r"页面不存在|頁面不存在|找不到(?:该|此|您|頁|页).{0,8}(?:页面|頁面)?|(?:文章|内容)(?:不存在|已删除)|您访问的页面",
    "ja": r"ページ(?:が|は)(?:見つかりません|存在しません|ありません)|お探しの(?:ページ|記事)",
    "ko": r"페이지를 찾을 수 없|존재하지 않는 (?:페이지|기사)|삭제된 기사",
}
MAINTENANCE: Phrases = {
    "en": r"scheduled maintenance|under maintenance|down for maintenance|temporarily (?:unavailable|offline|down)|we(?:['’]ll| will) be back (?:soon|shortly)|\b50[0234]\b (?:bad|service|gateway|internal)|backend fetch failed|(?:service|site) unavailable|internal server error|experiencing technical (?:difficulties|problems)",
    "de": r"wartungsarbeiten|vorübergehend nicht (?:verfügbar|erreichbar)",
    "fr": r"en (?:cours de )?maintenance|temporairement indisponible",
    "es": r"en mantenimiento|temporalmente (?:no disponible|fuera de servicio)",
    "pt": r"em manutenção|temporariamente indisponível",
    "it": r"in manutenzione|temporaneamente non disponibile",
    "nl": r"(?:site|website).{0,30}onderhoud|onderhoud aan (?:de|onze) (?:web)?site|tijdelijk niet (?:beschikbaar|bereikbaar)",
    "sv": r"tillfälligt (?:otillgänglig|nere)|underhåll pågår",
    "no": r"midlertidig utilgjengelig|vedlikehold pågår",
    "da": r"midlertidigt utilgængelig|under vedligeholdelse",
    "fi": r"huoltokatko|tilapäisesti poissa käytöstä",
    "pl": r"przerwa techniczna|prace (?:techniczne|konserwacyjne)|tymczasowo niedostępn",
    "cs": r"probíhá údržba|dočasně nedostupn",
    "sk": r"prebieha údržba|dočasne nedostupn",
    "hu": r"karbantartás (?:alatt|miatt)|átmenetileg nem (?:elérhető|érhető)",
    "ro": r"lucr[ăa]ri de mentenan[țţt][ăa]|temporar indisponibil",
    "bg": r"в процес на поддръжка|временно (?:недостъпен|недостъпна)",
    "el": r"σε συντήρηση|προσωρινά (?:μη διαθέσιμ|εκτός)",
    "tr": r"bakım (?:çalışma|modu)|geçici olarak (?:kullanılamıyor|hizmet)",
    "uk": r"технічн\w+ робот|тимчасово недоступн",
    "ru": r"техническ\w+ работ|временно недоступ",
    "sr": r"у току је одржавање|održavanje u toku",
    "et": r"hooldustööd|ajutiselt kättesaamatu",
    "lv": r"tehniski darbi|īslaicīgi nav pieejam",
    "lt": r"techniniai darbai|laikinai nepasiekiam",
    "ar": r"(?:قيد|تحت) الصيانة|غير متاح مؤقتا",
    "id": r"dalam (?:perbaikan|pemeliharaan)",
    "zh": r"(?:系统|網站|网站)(?:维护|維護)|暂时无法访问",
    "ja": r"メンテナンス中|一時的に(?:利用|アクセス)",
    "ko": r"(?:시스템|서비스) ?점검",
}
GEO: Phrases = {
    "en": r"unavailable (?:for|due to) legal reasons|(?:not|isn['’]t|un)\s?available in your (?:country|region|location|area|jurisdiction)|access cannot be granted|from the European Economic Area|blocked in your country|restricted in your (?:country|region)",
    "de": r"in (?:ihrem|deinem) (?:land|region) nicht (?:verfügbar|zugänglich)|an ihrem standort nicht verfügbar",
    "fr": r"(?:pas|non) (?:disponible|accessible) dans votre (?:pays|région)",
    "es": r"no (?:está|se encuentra) disponible en (?:su|tu) (?:país|región)",
    "pt": r"não está disponível (?:no seu país|na sua região|em seu país)",
    "it": r"non (?:è )?disponibile nel tuo (?:paese|area)",
    "nl": r"niet beschikbaar in (?:uw|jouw) (?:land|regio)",
    "sv": r"inte tillgänglig\w* i ditt land",
    "pl": r"niedostępn\w+ w (?:twoim|państwa) (?:kraju|regionie)",
    "cs": r"není ve vaší zemi dostupn",
    "hu": r"nem elérhető az (?:ön|te) országában",
    "ro": r"nu este disponibil\w* în (?:țara|regiunea) (?:dvs|dumneavoastră|ta)",
    "bg": r"не е (?:достъпн|налич)\w+ във? вашата (?:страна|държава)",
    "el": r"δεν είναι διαθέσιμ\w+ στη (?:χώρα|περιοχή) σας",
    "tr": r"(?:ülkenizde|bölgenizde) (?:kullanılamıyor|mevcut değil|erişilemiyor)",
    "uk": r"недоступн\w+ (?:у|в) (?:вашій країні|вашому регіоні)",
    "ru": r"недоступ\w+ в (?:вашей стране|вашем регионе)",
    "ar": r"غير (?:متاح|متوفر)\w* في (?:بلدك|منطقتك)",
    "id": r"tidak tersedia di (?:negara|wilayah) anda",
    "zh": r"(?:您所在的|你所在的)(?:国家|地区|國家|地區).{0,8}(?:无法|不可|無法)",
    "ja": r"お住まいの(?:国|地域)では(?:ご利用|ご覧)",
    "ko": r"(?:해당|귀하의) (?:국가|지역)에서(?:는)? (?:이용|제공)",
}
CHALLENGE: Phrases = {
    "en": r"just a moment\.\.\.|checking (?:if the site connection is secure|your browser)|verify(?:ing)? (?:that )?you(?:['’]re| are) (?:a |not a )?(?:human|robot)|are you (?:a robot|human)|unusual (?:traffic|activity) (?:from|in) your|attention required|access (?:to this page has been )?denied|pardon our interruption|request unsuccessful|ddos[- ]protection|ray id:|security check|please enable (?:js|javascript|cookies) and|press (?:&|and) hold|one more step",
    "de": r"ich bin kein roboter|sind sie ein (?:mensch|roboter)|zugriff verweigert|ihr browser wird überprüft",
    "fr": r"je ne suis pas un robot|vérifi(?:ez|cation) que vous (?:êtes|n['’]êtes)|accès (?:refusé|temporairement restreint)",
    "es": r"no soy un robot|verifi\w+ que (?:eres|usted es|no eres)|acceso denegado",
    "pt": r"não sou um robô|verifi\w+ que você é|acesso negado",
    "it": r"non sono un robot|verific\w+ (?:che|di) (?:tu )?(?:sia|essere)|accesso negato",
    "nl": r"ik ben geen robot|toegang geweigerd",
    "pl": r"nie jest(?:em|eś) robotem|weryfikacja przeglądarki|odmowa dostępu|dostęp zabroniony",
    "cs": r"nejsem robot|přístup odepřen",
    "hu": r"nem vagyok robot|hozzáférés megtagadva",
    "ro": r"nu sunt (?:un )?robot|acces (?:interzis|refuzat)",
    "bg": r"не съм робот|достъпът е отказан",
    "el": r"δεν είμαι ρομπότ|απαγορεύεται η πρόσβαση",
    "tr": r"robot (?:değilim|olmadığınızı)|erişim engellendi",
    "uk": r"перевірка браузера|підтвердьте, що ви (?:не робот|людина)|доступ (?:заборонено|обмежено)|я не робот",
    "ru": r"проверка браузера|подтвердите, что (?:вы не робот|запросы)|доступ (?:запрещён|запрещен|ограничен)|я не робот",
    "ar": r"(?:أنا )?لست (?:روبوت|برنامج)|تم رفض الوصول",
    "zh": r"(?:安全|人机|人機)(?:验证|驗證)|请完成(?:验证|安全)|正在检查(?:您的)?浏览器|访问被拒绝",
    "ja": r"ロボットではありません|アクセスが拒否|ブラウザ(?:を|の)(?:確認|チェック)",
    "ko": r"로봇이 아닙니다|접근이 (?:거부|차단)|브라우저를 확인",
}
# Words of consent walls; three different ones make one.
CONSENT: Phrases = {
    "en": r"cookies?|consent|our \d+ partners|partners process|personal data|accept all|reject all|manage (?:preferences|options|settings)|privacy (?:center|policy)|gdpr|unique identifiers|legitimate interest",
    "de": r"zustimm\w+|einwillig\w+|datenschutz\w*|werbetracking|tracking|personenbezogen\w+|akzeptieren|mit werbung (?:weiter)?lesen",
    "fr": r"partenaires|consentement|données personnelles|accepter|intérêt légitime|continuer sans accepter",
    "es": r"consentimiento|datos personales|aceptar|socios|rechazar",
    "pt": r"consentimento|dados pessoais|aceitar|parceiros|rejeitar",
    "it": r"consenso|dati personali|accetta\w*|rifiuta\w*",
    "nl": r"toestemming|persoonsgegevens|accepte(?:ren|er)|voorkeuren",
    "da": r"samtykke|persondata|acceptér",
    "no": r"samtykke|personopplysninger|godta",
    "sv": r"samtyck\w+|personuppgifter|godkänn\w*",
    "fi": r"evästeet?|suostumu\w+|henkilötie\w+|hyväksy\w*",
    "pl": r"zgod[aęy]\w*|danych osobowych|partner(?:zy|ów|ami)|akceptuj\w*|ciasteczk\w+",
    "cs": r"souhlas\w*|osobních údajů|partneř?i?|přijmout",
    "sk": r"súhlas\w*|osobných údajov|partner\w*|prijať",
    "hu": r"süti\w*|hozzájárul\w+|személyes adat\w*|elfogad\w*",
    "ro": r"consimț[ăa]m[âa]nt\w*|date(?:lor)? (?:cu caracter )?personale?|accept\w*|parteneri\w*",
    "bg": r"бисквитк\w+|съгласи\w+|лични данни|партньор\w*|приема\w*",
    "el": r"συγκατάθεσ\w+|προσωπικ\w+ δεδομέν\w+|αποδοχή|συνεργάτ\w+",
    "tr": r"çerez\w*|kişisel veri\w*|kabul et\w*|rıza\w*",
    "uk": r"згод[аиу]\w*|персональн\w+ дан\w+|файл\w* cookie|партнер\w*|прийняти",
    "ru": r"согласи\w+|персональн\w+ данн\w+|файл\w* cookie|партн[её]р\w*|принять",
    "sr": r"пристан\w+|колачић\w*|pristan\w+|kolačić\w*",
    "hr": r"kolačić\w*|privol\w*|osobn\w+ podat\w+|prihva\w+",
    "et": r"küpsis\w*|nõusolek\w*|isikuandme\w*",
    "lv": r"sīkdat\w+|piekriš\w+|personas dat\w+",
    "lt": r"slapuk\w+|sutik\w+|asmens duomen\w+",
    "ar": r"ملفات تعريف الارتباط|موافق\w*|البيانات الشخصية|شركا\w+",
    "zh": r"同意|个人(?:数据|信息)|接受(?:全部|所有)?|隐私",
    "ja": r"クッキー|同意|個人(?:情報|データ)|受け入れ",
    "ko": r"쿠키|동의|개인정보|수락",
}
LOGIN: Phrases = {
    "en": r"\b(?:sign|log) ?in\b|register to continue|create (?:a |your )?(?:free )?account",
    "de": r"anmelden|einloggen|registrieren",
    "fr": r"se connecter|connectez-vous|connexion|identifiez-vous",
    "es": r"iniciar sesión|inicia sesión|regístrate|acceder",
    "pt": r"entrar|iniciar sessão|faça login|acesse sua conta",
    "it": r"accedi|effettua il login|registrati",
    "nl": r"inloggen|meld je aan",
    "sv": r"logga in",
    "no": r"logg inn",
    "da": r"log ind",
    "fi": r"kirjaudu",
    "pl": r"zaloguj|logowanie",
    "cs": r"přihlá(?:sit|šení)",
    "sk": r"prihlá(?:siť|senie)",
    "hu": r"bejelentkezés|belépés",
    "ro": r"autentificare|conectare|intr[ăa] în cont",
    "bg": r"вход|влезте",
    "el": r"σύνδεση|συνδεθείτε",
    "tr": r"giriş yap|oturum aç",
    "uk": r"увійти|вхід|авторизац",
    "ru": r"войти|вход|авторизац",
    "sr": r"пријав|prijav",
    "et": r"logi sisse",
    "lv": r"ielogot|pieslēgt",
    "lt": r"prisijung",
    "ka": r"შესვლა",
    "ar": r"تسجيل الدخول",
    "fa": r"ورود",
    "he": r"התחבר|כניסה",
    "id": r"masuk|login",
    "vi": r"đăng nhập",
    "zh": r"登录|登入",
    "ja": r"ログイン",
    "ko": r"로그인",
}
# "Subscribe to read on": sells the rest of an article.
OFFER: Phrases = {
    "en": r"subscri(?:be|ption|ber)s?\b.{0,80}\b(?:read|continue|access|now|month|week|unlimited|today)|\b(?:read|continue|access)\b.{0,60}\bsubscri|already a (?:subscriber|member)|(?:this|to) (?:article|content|story) is (?:for|only|exclusive).{0,30}(?:subscribers|members)|(?:unlock|register to read|sign in to read) (?:this|the|more)",
    "de": r"(?:\babo|abonnement|abonniere\w*|plus-artikel)\b.{0,60}\b(?:weiter|lesen|testen|monat|jetzt)|weiterlesen mit|jetzt (?:weiterlesen|abonnieren|testen)|exklusiv für (?:abonnent|plus)",
    "fr": r"réservé (?:aux|à nos) abonné|abonnez-vous|il vous reste .{0,20}% de cet article|(?:lire|accéder).{0,40}abonn",
    "es": r"suscr[ií]b|(?:solo|exclusivo) para suscriptores",
    "ca": r"subscriu-te per",
    "pt": r"(?:exclusivo|só) para assinantes|assine (?:já|agora|e|para)|conteúdo (?:exclusivo|restrito)",
    "it": r"abbonati|contenuto riservato|riservato agli abbonati|continua a leggere con",
    "nl": r"(?:alleen )?voor abonnees|word abonnee|verder lezen\?|lees verder met",
    "da": r"kun for abonnenter|bliv (?:abonnent|medlem)|køb abonnement|læs videre med",
    "no": r"(?:kun )?for abonnenter|bli abonnent|kjøp (?:tilgang|abonnement)|les videre med",
    "sv": r"bli prenumerant|prenumerera|endast för prenumeranter|läs vidare med|lås upp",
    "fi": r"(?:vain )?tilaajille|tilaa ja lue|jatka lukemista tilaa",
    "pl": r"dla (?:subskrybentów|prenumeratorów)|(?:wykup|kup) (?:dostęp|subskrypcję)|czytaj dalej z|pozostało .{0,10}% artykułu",
    "cs": r"(?:jen|pouze) pro předplatitele|předplať\w+|odemkn\w+ článek|zbývá vám .{0,12}% článku",
    "sk": r"(?:len|iba) pre predplatiteľov|predplať\w+|odomkn\w+ článok",
    "hu": r"előfizető(?:knek|ink)|fizess(?:en)? elő|előfizetés(?:sel|ért)",
    "ro": r"doar pentru abona[țţt]i|abonea(?:ză|za)-te (?:pentru|ca)|conținut (?:premium|exclusiv)",
    "bg": r"само за абонати|абонирайте се(?:,)? за да",
    "el": r"(?:μόνο )?για συνδρομητές|γίνετε συνδρομητής",
    "tr": r"abone ol(?:un|arak)?|abonelere özel",
    "uk": r"передплат|оформ\w+ (?:підписку|передплату)|лише для (?:передплатників|підписників)",
    "ru": r"оформ\w+ подписку|(?:только|доступно) (?:для|по) подпис",
    "et": r"(?:ainult )?tellijale|telli ja loe|artikkel on tellijatele",
    "lv": r"(?:tikai )?abonentiem|abonē, lai",
    "lt": r"prenumeratoriams|prenumeruok(?:ite)? ir skait",
    "he": r"למנויים בלבד|הירשמו כמנויים",
    "ar": r"للمشتركين فقط|اشترك (?:الآن )?(?:لقراءة|لمتابعة)",
    "zh": r"(?:订阅|訂閱|付费|付費|会员|會員)(?:后|後|即可|才能|以)?.{0,8}(?:阅读|閱讀|解锁|解鎖|查看)(?:全文)?",
    "ja": r"この記事は(?:有料|会員)|(?:会員|有料)(?:限定|登録).{0,12}(?:続き|全文|読)|残り\d+文字",
    "ko": r"(?:구독|회원|유료).{0,10}(?:전용|기사|콘텐츠|이용)",
}
# Ends a text that goes on elsewhere.
CUT_OFF = (
    r"(?:read (?:more|on)|continue reading|weiterlesen|mehr lesen|lire la suite|leer más|seguir leyendo|leia mais|continua a leggere|lees verder|læs mere|les mer|läs mer|lue lisää|"
    r"читати далі|читати повністю|читать далее|читать полностью|czytaj (?:dalej|więcej)|číst dál|čítať ďalej|tovább(?: olvasom)?|cite[șş]te mai mult|прочетете повече|διαβάστε περισσότερα|devamını oku|"
    r"اقرأ المزيد|اقرأ أكثر|ادامه مطلب|继续阅读|閱讀全文|阅读全文|続きを読む|더 ?보기|selengkapnya|xem tiếp)"
)
# Sells a thing on a page of a shop.
CART = (
    r"add to (?:cart|basket|bag)|buy now|in den warenkorb|ajouter au panier|añadir (?:al carrito|a la cesta)|adicionar ao carrinho|aggiungi al carrello|in winkelwagen|læg i kurv|legg i handlekurv|"
    r"lägg i varukorg|lisää ostoskoriin|dodaj do koszyka|do košíku|vložiť do košíka|kosárba|adaug[ăa] în coș|добави в количката|добавить в корзину|в корзину|додати (?:в|до) кошик|"
    r"προσθήκη στο καλάθι|sepete ekle|lisa ostukorvi|pievienot grozam|į krepšelį|أضف (?:إلى|الى) السلة|加入购物车|加入購物車|カートに入れる|장바구니"
)
