"""The way to the API: proxy and certificates, as the environment names them."""

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from incidents.coralogix.http.regions import Address
from incidents.errors import SettingsError


def network(address: Address) -> httpx.HTTPTransport:
    """
    Prepare the transport to *address*; nothing is sent yet.

    The environment's proxy and certificates (HTTPS_PROXY, SSL_CERT_FILE) are
    honored for https, where a proxy only passes sealed bytes on: companies need
    them. Never for loopback: a proxy would read the key off plain http.

    Raises:
        SettingsError: If the environment names what cannot be used.
    """
    if address.loopback:
        return httpx.HTTPTransport(trust_env=False)
    try:
        return httpx.HTTPTransport(trust_env=True, proxy=_proxy(address))
    except (ValueError, ImportError, OSError, httpx.InvalidURL):
        # Not chained: the error may quote the proxy's password.
        raise SettingsError(
            "The environment names a proxy or certificates that cannot be used:"
            " check HTTPS_PROXY, ALL_PROXY, NO_PROXY and SSL_CERT_FILE."
        ) from None


def _proxy(address: Address) -> str | None:
    """Choose the proxy for *address*. httpx itself fails on networks in NO_PROXY."""
    parts = urlsplit(address.origin)
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(parts.netloc):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"
