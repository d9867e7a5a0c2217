"""The words for reasons why a call waits, and why an agent is given no call, in the languages of the panel.

``{name}`` in a text is replaced by the value of that name (:mod:`cti_bridge.domain.model.reasons`)."""

from collections.abc import Mapping
from typing import Literal

from cti_bridge.domain.model.reasons import Reason

Language = Literal["en", "ko"]

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "not_waiting": "The call does not wait for an agent.",
        "in_scenario": "The caller is in a step of the scenario, before the queue.",
        "rings": "It rings at {agent}.",
        "pbx_away": "The PBX {pbx} is away; the call waits until it is back.",
        "caller_sought": "The PBX is back and does not list the caller, who is being looked for.",
        "last_agent_sought": "It is being looked up who talked last with this number.",
        "last_agent": "It waits for {agent}, who talked last with this number, for {seconds} s at most.",
        "nobody_works": "Nobody works for the queue {queue}.",
        "nobody_fits": "{working} work for the queue {queue}, and none of them fits what is asked.",
        "out_of_reach": "The phones of all who fit are at another PBX than {pbx}, where the call is.",
        "all_busy": "All who fit are busy: {working}, of whom {in_a_call} in a call.",
        "skills": "It asks for {skills}.",
        "next_stage": "In {seconds} s more agents are asked, or fewer skills.",
        "before": "Others go before it: it is number {position}.",
        "at_once": "Nothing is in the way.",
        "not_ready": "The status is {status}. Calls come when it is Ready.",
        "in_a_call": "The agent is in a call; the next one can come when it has ended.",
        "call_comes_back": "A call that the agent has sent on is about to come back.",
        "phone_unreachable": "The phone {number} cannot be reached{at_pbx}. Check that it is on and registered.",
        "phone_in_use": "The phone is in use; calls come when its call has ended.",
        "pause": "A call was not taken a moment ago; the next one can come in {seconds} s.",
        "no_queue": "The agent is in no queue. An administrator can change that.",
        "pbx_unavailable": "The PBX is away. It is being tried again.",
        "no_panel": "The bridge sees no panel of the agent's: reload the page if this stays.",
        "service_off": "Inbound calls are switched off for the agent's services. An administrator can change that.",
        "nobody_waits": "Nobody waits.",
        "other_pbx": "{calls} wait at a PBX that does not reach the agent's phone.",
        "lacks_skill": "Calls of {where} ask for more than the agent has: {skills}.",
        "backup": "The agent serves {queue} only for calls that have waited {seconds} s.",
        "kept": "{calls} wait for the agent who talked last with their number.",
        "others_idle_longer": "{queue}: {agents} have been idle longer.",
        "next": "{queue}: the next call is the agent's.",
    },
    "ko": {
        "not_waiting": "상담사를 기다리는 통화가 아닙니다.",
        "in_scenario": "고객이 대기열에 들어가기 전의 시나리오 단계에 있습니다.",
        "rings": "{agent}에게 전화가 울리고 있습니다.",
        "pbx_away": "교환기 {pbx}에 연결할 수 없습니다. 다시 연결될 때까지 기다립니다.",
        "caller_sought": "교환기가 다시 연결되었지만 고객이 보이지 않아 확인하고 있습니다.",
        "last_agent_sought": "이 번호와 마지막으로 통화한 상담사를 찾고 있습니다.",
        "last_agent": "이 번호와 마지막으로 통화한 {agent}을(를) 최대 {seconds}초 동안 기다립니다.",
        "nobody_works": "대기열 {queue}에서 근무 중인 상담사가 없습니다.",
        "nobody_fits": "대기열 {queue}에서 {working}명이 근무 중이지만 요구 조건에 맞는 상담사가 없습니다.",
        "out_of_reach": "조건에 맞는 상담사의 전화기가 모두 통화가 있는 교환기 {pbx}가 아닌 다른 교환기에 있습니다.",
        "all_busy": "조건에 맞는 상담사 {working}명이 모두 바쁩니다. 그중 {in_a_call}명이 통화 중입니다.",
        "skills": "요구 기술: {skills}.",
        "next_stage": "{seconds}초 후에 더 많은 상담사에게 묻거나 요구 조건이 완화됩니다.",
        "before": "먼저 온 통화가 있습니다. 순서는 {position}번째입니다.",
        "at_once": "문제가 없습니다.",
        "not_ready": "현재 상태는 {status}입니다. 대기 상태일 때 전화가 옵니다.",
        "in_a_call": "상담사가 통화 중입니다. 통화가 끝나면 다음 전화가 올 수 있습니다.",
        "call_comes_back": "상담사가 넘긴 통화가 곧 돌아옵니다.",
        "phone_unreachable": "전화기 {number}에 연결할 수 없습니다{at_pbx}. 전원과 등록 상태를 확인하세요.",
        "phone_in_use": "전화기가 사용 중입니다. 그 통화가 끝나면 전화가 옵니다.",
        "pause": "방금 받지 않은 통화가 있습니다. 다음 전화는 {seconds}초 후에 올 수 있습니다.",
        "no_queue": "속한 대기열이 없습니다. 관리자가 배정할 수 있습니다.",
        "pbx_unavailable": "교환기에 연결할 수 없습니다. 다시 시도하고 있습니다.",
        "no_panel": "통화를 받을 패널이 보이지 않습니다. 계속되면 페이지를 새로 고치세요.",
        "service_off": "담당 서비스의 수신 전화가 꺼져 있습니다. 관리자가 바꿀 수 있습니다.",
        "nobody_waits": "대기 중인 고객이 없습니다.",
        "other_pbx": "{calls}건이 상담사의 전화기와 연결되지 않는 교환기에서 기다립니다.",
        "lacks_skill": "{where} 통화가 상담사에게 없는 기술을 요구합니다: {skills}.",
        "backup": "{queue}에서는 {seconds}초 이상 기다린 통화만 받습니다.",
        "kept": "{calls}건이 마지막으로 통화한 상담사를 기다립니다.",
        "others_idle_longer": "{queue}: 더 오래 기다린 상담사가 {agents}명 있습니다.",
        "next": "{queue}: 다음 전화를 받을 차례입니다.",
    },
}
_AT_PBX = {"en": " at the PBX {pbx}", "ko": " (교환기 {pbx})"}
_STATUSES: Mapping[str, Mapping[str, str]] = {
    "en": {},
    "ko": {"offline": "오프라인", "ready": "대기", "rest": "휴식", "business": "업무"},
}
"""English has the label, which names the reason of business, too."""
_ALL_QUEUES = {"en": "the queues", "ko": "대기열"}


def in_words(reason: Reason, language: Language) -> str:
    """Return the reason as a sentence. A code without words stands for itself."""
    text = WORDS[language].get(reason.code)
    if text is None:
        return reason.code
    at_pbx = _AT_PBX[language].format(pbx=reason.values["pbx"]) if reason.values.get("pbx") else ""
    where = reason.values.get("queue", _ALL_QUEUES[language])
    values = {"at_pbx": at_pbx, "where": where, **reason.values}
    values["status"] = _STATUSES[language].get(str(values.get("is", "")), values.get("status", ""))
    return text.format_map(values)
