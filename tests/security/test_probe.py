from __future__ import annotations
import pytest
from django.test import Client
from tests.factories import *

pytestmark = pytest.mark.django_db

@pytest.fixture
def c():
    c = Client(); c.raise_request_exception = False; return c

CASES = {
 "origin": lambda c, e: c.post(f"/events/{e.pk}/cart/", {}, headers={"Origin": "http://["}),
 "webhook length": lambda c, e: c.generic("POST", "/webhooks/stripe/", b"{}", CONTENT_LENGTH="abc"),
 "webhook free": lambda c, e: c.post("/webhooks/free/", b"{}", content_type="application/json"),
 "webhook cash": lambda c, e: c.post("/webhooks/cash/", b"{}", content_type="application/json"),
 "webhook id": lambda c, e: c.post(f"/webhooks/stripe/{10**30}/", b"{}", content_type="application/json"),
 "charset": lambda c, e: c.post("/account/login/", b"a=b", content_type="application/x-www-form-urlencoded; charset=zlib"),
 "charset2": lambda c, e: c.post("/account/login/", b"a=b", content_type="application/x-www-form-urlencoded; charset=utf-16"),
 "charset3": lambda c, e: c.post("/account/login/", b"login=%ff%fe", content_type="application/x-www-form-urlencoded; charset=idna"),
 "charset get": lambda c, e: c.get("/events/?search=a", CONTENT_TYPE="text/html; charset=zlib"),
 "multipart": lambda c, e: c.post("/account/login/", b"a=b", content_type="multipart/form-data"),
 "multipart2": lambda c, e: c.post("/account/login/", b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%\r\n--x--", content_type="multipart/form-data; boundary=x"),
 "session nul": lambda c, e: c.get("/account/", headers={"Cookie": 'sessionid="\\000aaaaaaaaaaaaaaaaaaaaaaaa"'}),
 "session nul2": lambda c, e: c.get("/account/login/", headers={"Cookie": 'sessionid="\\000aaaaaaaaaaaaaaaaaaaaaaaa"'}),
 "messages": lambda c, e: c.get("/account/login/", headers={"Cookie": 'messages="\\000aaaaaaaaaaaaaaaaaaaaaaaa"'}),
 "event": lambda c, e: c.get(f"/events/{10**30}/cart/"),
 "cart": lambda c, e: c.post(f"/events/{10**30}/cart/"),
 "next": lambda c, e: c.get("/account/login/?next=%00http://["),
 "cart host": lambda c, e: c.post(f"/events/{e.pk}/cart/", {"type-999999999": "3"}),
 "page": lambda c, e: c.get("/events/?page=%00&search=%00&city=%00&date_from=%00&price_min=1e999999999&venue=%00"),
 "page2": lambda c, e: c.get("/events/?price_min=sNaN&price_max=-Infinity&date_from=99999999999-1-1&sort=%00&type=%00"),
 "venues page": lambda c, e: c.get("/venues/?page=99999999999999999999999999"),
 "vendors page": lambda c, e: c.get("/vendors/?page=%00"),
 "wagtail nul": lambda c, e: c.get("/%00/"),
 "doc": lambda c, e: c.get(f"/documents/{10**30}/x"),
 "pw": lambda c, e: c.post(f"/_util/authenticate_with_password/{10**30}/{10**30}/"),
 "wlogin": lambda c, e: c.get("/_util/login/"),
 "media": lambda c, e: c.get("/media/%00"),
 "media2": lambda c, e: c.get("/media/../foyer.sqlite3"),
 "redirect": lambda c, e: c.get("/nowhere%00/"),
 "long": lambda c, e: c.get("/" + "a"*5000 + "/"),
 "reset": lambda c, e: c.post("/account/password/reset/", {"email": "a\0@b.c"}),
 "confirm": lambda c, e: c.get("/account/confirm-email/%00/"),
 "resetkey": lambda c, e: c.get("/account/password/reset/key/zzzzzzzzzzzzzzzzzzzzzzzzz-%00/"),
 "token": lambda c, e: c.post("/o/token/", {"grant_type":"authorization_code","code":"\ud7ff"*10000,"client_id":"foyer"}),
 "token json": lambda c, e: c.post("/o/token/", b"{}", content_type="application/json"),
 "token basic": lambda c, e: c.post("/o/token/", {"grant_type":"refresh_token"}, headers={"Authorization":"Basic AAAA"}),
 "authorize": lambda c, e: c.get("/o/authorize/?client_id=%00"),
 "authorize2": lambda c, e: c.get("/o/authorize/?client_id=foyer&redirect_uri=http://["),
}
@pytest.mark.parametrize("name", CASES)
def test_probe(name, c):
    e = make_event()
    r = CASES[name](c, e)
    print("STATUS", name, r.status_code, r.get("Location",""))
    assert r.status_code < 500
