"""In a conversation: requests of agents, and what follows from them.

consult, transfer, target, handback   others are called, and the call goes to them, or comes back
swap                                  the agent talks to customer and target by turns
three                                 customer, agent and target talk together
internal                              a call to a colleague, without a customer
send_on                               to a queue, or to a scenario
step_transfer, confirm                a step of a scenario transfers; a target that has to press a key
offered                               the agent's answer to an offer of the queue, or as a target
warning, force_disconnect             an abusive caller
lost                                  the agent's phone has vanished
hanging_up                            the agent ends the call
after_talk                            the caller goes on in the scenario then
recording                             what agents ask of the recorder, and what follows when it fails
digits                                for the menus of other houses
away                                  the call's PBX cannot be seen
"""
