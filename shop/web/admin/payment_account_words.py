"""How accounts at payment providers are told of: their fields, refusals, and how tests ended."""

from flask_babel import gettext, lazy_gettext

from shop.payment.accounts.opening import Problem
from shop.payment.accounts.probe import Outcome

LABELS = {
    "ALIPAY_GATEWAY": lazy_gettext("Address of the gateway"),
    "ALIPAY_APP_ID": lazy_gettext("App id"),
    "ALIPAY_SELLER_ID": lazy_gettext("Seller id (PID)"),
    "ALIPAY_APP_PRIVATE_KEY_FILE": lazy_gettext("Private key of the app"),
    "ALIPAY_PUBLIC_KEY_FILE": lazy_gettext("Alipay’s public key or certificate"),
    "ALIPAY_APP_CERT_FILE": lazy_gettext("Certificate of the app"),
    "ALIPAY_ROOT_CERT_FILE": lazy_gettext("Alipay’s root certificate"),
    "WECHATPAY_GATEWAY": lazy_gettext("Address of the gateway"),
    "WECHATPAY_MCH_ID": lazy_gettext("Merchant number"),
    "WECHATPAY_APP_ID": lazy_gettext("App id"),
    "WECHATPAY_MCH_PRIVATE_KEY_FILE": lazy_gettext("Private key of the merchant"),
    "WECHATPAY_MCH_CERT_SERIAL": lazy_gettext("Serial number of the merchant’s certificate"),
    "WECHATPAY_APIV3_KEY": lazy_gettext("APIv3 key"),
    "WECHATPAY_PUBLIC_KEY_FILE": lazy_gettext("WeChat Pay’s public key or platform certificate"),
    "WECHATPAY_PUBLIC_KEY_ID": lazy_gettext("Id of WeChat Pay’s public key"),
    "STRIPE_API_BASE": lazy_gettext("Address of the interface"),
    "STRIPE_ACCOUNT": lazy_gettext("Account id"),
    "STRIPE_SECRET_KEY": lazy_gettext("Secret key"),
    "STRIPE_WEBHOOK_SECRET": lazy_gettext("Secret of the webhook"),
}
"""By setting."""

HINTS = {
    "ALIPAY_APP_ID": lazy_gettext("16 digits, on the app’s page at open.alipay.com."),
    "ALIPAY_SELLER_ID": lazy_gettext("Begins with 2088."),
    "ALIPAY_APP_PRIVATE_KEY_FILE": lazy_gettext(
        "As Alipay’s key tool gives it, or a PEM file. RSA, 2048 bits at least."
    ),
    "ALIPAY_PUBLIC_KEY_FILE": lazy_gettext(
        "Not your app’s own: the key that Alipay shows after yours was uploaded, or the file "
        "alipayCertPublicKey_RSA2.crt."
    ),
    "ALIPAY_APP_CERT_FILE": lazy_gettext(
        "In certificate mode only: the file appCertPublicKey_….crt. Empty with plain keys."
    ),
    "ALIPAY_ROOT_CERT_FILE": lazy_gettext(
        "In certificate mode only: the file alipayRootCert.crt. Empty with plain keys."
    ),
    "WECHATPAY_MCH_PRIVATE_KEY_FILE": lazy_gettext("The file apiclient_key.pem."),
    "WECHATPAY_MCH_CERT_SERIAL": lazy_gettext(
        "40 digits and letters, or the file apiclient_cert.pem, which tells it."
    ),
    "WECHATPAY_APIV3_KEY": lazy_gettext("32 characters. Notifies prove it, the test cannot."),
    "WECHATPAY_PUBLIC_KEY_ID": lazy_gettext(
        "Begins with PUB_KEY_ID_. Empty with a platform certificate."
    ),
    "STRIPE_ACCOUNT": lazy_gettext("Begins with acct_."),
    "STRIPE_SECRET_KEY": lazy_gettext("Begins with sk_ or rk_."),
    "STRIPE_WEBHOOK_SECRET": lazy_gettext(
        "Begins with whsec_. Two with a comma between them while one replaces the other."
    ),
}

SENTENCES = {
    "account-value-missing": lazy_gettext("Please fill this in."),
    "account-exists": lazy_gettext(
        "There is an account of this merchant already. Change that one instead."
    ),
    "account-merchant": lazy_gettext(
        "This is another merchant. Payments that this account took are refunded through it, so add "
        "another account instead."
    ),
    "account-broken": lazy_gettext(
        "This account cannot be opened. See what is wrong with it first."
    ),
    "account-certificates": lazy_gettext(
        "Certificate mode needs all three: the app’s certificate, Alipay’s, and the root."
    ),
    "account-keys": lazy_gettext("This does not fit the rest of the account."),
    "account-currencies": lazy_gettext("Tick one currency at least."),
    "address-form": lazy_gettext(
        "Write a web address such as https://openapi.alipay.com/gateway.do."
    ),
    "address-local": lazy_gettext(
        "Real payments need an https:// address that is not on this machine."
    ),
    "value-form": lazy_gettext("This holds characters that no such value has. Copy it again."),
    "secret-size": lazy_gettext("It has exactly %(size)s characters."),
    "serial-form": lazy_gettext("A serial number has digits and the letters A to F only."),
    "key-unreadable": lazy_gettext(
        "This is no key that can be read. Paste the whole file, from BEGIN to END."
    ),
    "key-encrypted": lazy_gettext("This key is locked with a password. Give it without one."),
    "key-not-rsa": lazy_gettext("This is a key of another sort. An RSA key is needed."),
    "key-short": lazy_gettext("This key is too short: it needs %(bits)s bits at least."),
    "key-is-public": lazy_gettext("This is a public key. The private one belongs here."),
    "key-is-private": lazy_gettext(
        "This is a private key, which nobody else may have. The provider’s public one belongs here."
    ),
    "key-is-ours": lazy_gettext(
        "This is your own public key. The one that the provider shows belongs here."
    ),
    "certificate-unreadable": lazy_gettext(
        "This is no certificate that can be read. Paste the whole file, from BEGIN to END."
    ),
    "certificate-expired": lazy_gettext("This certificate ended on %(day)s. Get a new one."),
    "key-missing": lazy_gettext(
        "The key that opens its secrets is not at hand. Put it into PAYMENT_SECRETS_KEY, or type the "
        "secrets anew."
    ),
    "sealed-damaged": lazy_gettext("Its secrets were changed in the database. Type them anew."),
}


def say_problem(problem: Problem) -> str:
    """Why an account is left out."""
    if problem.code == "keys":
        named = LABELS.get(problem.setting, problem.setting)
        return gettext("It cannot be opened: see “%(field)s”.", field=named)
    known = SENTENCES.get(problem.code)
    return str(known) if known is not None else gettext("It cannot be opened.")


_OUTCOMES = {
    Outcome.WORKS: (
        "done",
        lazy_gettext("Works"),
        lazy_gettext("Address, ids, keys and clock are right."),
    ),
    Outcome.REFUSED: (
        "bad",
        lazy_gettext("Refused"),
        lazy_gettext(
            "The provider does not accept these ids or this key. A clock that is wrong by minutes looks "
            "the same."
        ),
    ),
    Outcome.UNSIGNED: (
        "bad",
        lazy_gettext("Not the provider’s key"),
        lazy_gettext(
            "An answer came, but the public key does not fit it. Check the provider’s key and the address."
        ),
    ),
    Outcome.UNREACHABLE: (
        "bad",
        lazy_gettext("No answer"),
        lazy_gettext("Nobody answered as a provider does. Check the address and the network."),
    ),
    Outcome.BUSY: (
        "warn",
        lazy_gettext("Busy"),
        lazy_gettext("The provider asks to try again later."),
    ),
    Outcome.REJECTED: (
        "warn",
        lazy_gettext("Answered otherwise"),
        lazy_gettext("The provider answered with our signature, but did not know this call."),
    ),
    Outcome.BROKEN: (
        "bad",
        lazy_gettext("Cannot be opened"),
        lazy_gettext("The account cannot be opened, so nobody was asked."),
    ),
}


def say_outcome(result: str) -> tuple[str, str, str]:
    """Badge kind, word and sentence of how a test ended."""
    kind, word, sentence = _OUTCOMES[Outcome(result)]
    return kind, str(word), str(sentence)
