"""Expressions of wishes to be left alone, for scripts without blanks between words. Data for `wishes`, no logic.

They are searched in the folded text without its blanks, and every repetition in them is bounded. What looks like a
wish and is trade ("退订单", "不要发货", "取消订单") is named in them as an exception. Ours, made by hand.
"""

import re
from typing import Final

_GOODS = "单|單|金|购|購|房|酒店|宾馆|民宿|机票|機票|车票|車票|票|餐|货|貨|座|位|款|费|費|会议|會議|课|課"
_MESSAGE = "短信|信息|讯息|訊息|消息|简讯|簡訊|广告|廣告|垃圾|推送|推广|推廣|通知|营销|行銷|骚扰"
_NO = "不要|别|別|勿|不许|不許|不准|禁止|停止|甭|不想|不愿|不願|拒绝|拒絕|无需|無需|不用|少"
_SENT = "发|發|传|傳|寄|推送|推"

EXPRESSIONS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = tuple(
    (rule, re.compile(expression))
    for rule, expression in (
        ("unsubscribe", rf"退[订訂](?!{_GOODS})"),
        ("unsubscribe", rf"取消.{{0,4}}(?:订阅|訂閱|关注|關注|{_MESSAGE})"),
        ("do-not-contact", rf"(?<!先)(?:{_NO})再?(?:给我|給我|向我|往我这|对我)?再?(?:{_SENT})(?:送|来|來|给我|給我)?"
         rf"了?(?:$|[\s,.!?。,!?~了啦]|我|这些|這些|这种|任何|{_MESSAGE})"),
        ("do-not-contact", rf"(?:{_NO})再?.{{0,4}}(?:{_SENT}|收到?|接收|收取).{{0,6}}(?:{_MESSAGE})"),
        ("do-not-contact", r"(?:不想|不愿|不願|不要|拒绝|拒絕)再?(?:接收|收到)(?:$|[,.!?。了])"),
        ("do-not-contact", rf"不(?:再)?(?:需要|接受|接收)(?:你们|這些|这些|这种|此类|任何)?的?(?:{_MESSAGE})"),
        ("do-not-contact", r"(?:停止|终止|終止)(?:发送|發送|推送|订阅|訂閱|接收)|停发短信"),
        ("leave-alone", r"(?:别|別|不要|勿|请勿|停止|不许|不要再|别再)再?.{0,4}"
         r"(?:打扰|打擾|骚扰|騷擾|烦我|煩我|联系我|聯繫我)|勿扰"),
        ("do-not-contact", r"(?:不要|别|別|勿)再(?:给我|給我|向我)?(?:打电话|打電話|来电|來電|打来|找我|联系|聯繫)"),
        ("leave-alone", r"^滚(?:$|[开蛋!!])"),
        ("remove-me", r"(?:将|將|把)我.{0,6}(?:移除|移出|删|刪|剔除)|(?:移除|删除|刪除)我(?:$|[,.!?。吧])"),
        ("unsubscribe", rf"拒收(?:你们|此|这些|该)?的?(?:{_MESSAGE})|^拒收(?:$|[.!。])|^不再?接收(?:$|[.!。])"),
        ("leave-alone", r"^(?:屏蔽|封鎖|拉黑)(?:$|[了你.!。])"),
        ("remove-me", r"(?:移除|移出|删除|刪除|删掉|刪掉|删了|去掉|剔除).{0,8}"
         r"(?:号码|號碼|手机号|手機號|号|名单|名單|电话|電話)"),
        ("remove-me", r"(?:号码|號碼|手机号|手機號|名单|名單|列表|电话).{0,6}(?:删|刪|移除|移出|去掉|剔除)"),
        ("wrong-person", r"(?<![我别別])(?:打|发|發|找|弄|搞|认|傳|传|送)[错錯](?:人|号|號|了|电话|$)|"
         r"[号號](?:码|碼)?[错錯]|[错錯](?:的|误的)?号码"),
        ("complaint", r"再(?:发|發|骚扰|打).{0,6}(?:投诉|投訴|举报|舉報|拉黑|报警)"),
        ("unsubscribe", r"配信(?:を)?(?:停止|解除|不要|拒否)|登録(?:を)?解除|受信拒否|購読(?:を)?(?:解除|停止)"),
        ("do-not-contact", r"(?:送|送信し)らないで|送信しないで|送ってこないで|"
         r"(?:メール|メッセージ|sms|連絡).{0,4}(?:やめて|止めて|不要|いらない|しないで)"),
        ("do-not-contact", r"(?:送る|送信|配信)(?:の|を)?(?:やめて|止めて|停止して)"),
        ("wrong-person", r"(?:番号|電話|相手)(?:が|を|の)?(?:間違|まちが)|間違い電話"),
        ("unsubscribe", r"수신(?:을)?거부|구독(?:을)?(?:취소|해지)"),
        ("do-not-contact", r"보내지(?:마|말|않)|(?:문자|메시지|연락|광고).{0,3}(?:그만|하지마|싫)|"
         r"그만(?:보내|하세요|해주)"),
        ("remove-me", r"(?:번호|연락처).{0,3}(?:삭제|지워)"),
        ("wrong-person", r"번호(?:가|를)?잘못|잘못(?:보내|거셨|걸)"),
    )
)  # fmt: skip
