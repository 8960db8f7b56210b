"""What WeChat Pay calls its refusals: each set is handled alike."""

NO_ORDER = frozenset({"ORDER_NOT_EXIST", "ORDERNOTEXIST"})
PAID = frozenset({"ORDER_PAID", "ORDERPAID"})
CLOSED = frozenset({"ORDER_CLOSED", "ORDERCLOSED"})
# Said of a day on which nothing moved, and of one whose bill is still being written.
NO_BILL = frozenset({"NO_STATEMENT_EXIST"})
AGAIN = frozenset(
    {
        "SYSTEM_ERROR",
        "SYSTEMERROR",
        "FREQUENCY_LIMITED",
        "FREQUENCY_LIMIT_EXCEED",
        "STATEMENT_CREATING",
    }
)
# Our keys, ids or rights: no request of ours will do better before a person has acted.
OURS = frozenset(
    {"SIGN_ERROR", "NO_AUTH", "NOAUTH", "APPID_MCHID_NOT_MATCH", "MCH_NOT_EXISTS", "INVALID_APPID"}
)
