"""Reasons why an Asterisk cannot be used.

PbxProblem
├── PbxUnreachable: no answer, or not one of ARI's
├── PbxDeaf: it answers, and its events do not come
├── PbxHangs: its events come, and it carries nothing out
├── PbxRefusedLogin: the user name or the password is wrong, or the user is not let in from here
└── PbxTooOld: it answers, and is older than what is supported
"""


class PbxProblem(Exception):
    """The message says in words what is wrong; it never holds the password."""


class PbxUnreachable(PbxProblem):
    """Nobody answers there, or the answer is not ARI's."""


class PbxDeaf(PbxProblem):
    """The connection stands, and no event comes on it."""


class PbxHangs(PbxProblem):
    """The connection stands, and an order on it is not carried out. The orders behind it wait too."""


class PbxRefusedLogin(PbxProblem):
    """ARI refused the user name or the password, or the address that the bridge comes from."""


LOGIN_REFUSALS = {
    401: "it refused the user name or the password of [asterisk.*]",
    403: "it does not let that user in from this machine's address: see permit in its ari.conf",
}
"""Words for a refused login, by HTTP status. The second is that of the user's ACL (res_ari.c; seen)."""


class PbxTooOld(PbxProblem):
    """The Asterisk is older than the oldest one supported."""
