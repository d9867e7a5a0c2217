"""In a conversation, and what agents ask for there.

consult, transfer, target, handback   others are called, and the call goes to them, or comes back
offered                               the agent's answer to what they are offered: by the queue, or as a target
warning, force_disconnect             an abusive caller
lost                                  the agent's phone is gone
hanging_up                            the agent ends the call, or sends digits
"""
