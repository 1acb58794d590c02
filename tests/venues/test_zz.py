import time
from collections import Counter
from tests.venues.test_fence import *
def test_t(adas, cleos, cleo, browser_of):
    b=browser_of(cleo); b.raise_request_exception=False
    t=Counter(); n=Counter()
    for name,a in addresses(adas):
        if name in NOT_CALLED: continue
        for q in ("",*queries(adas)):
            s=time.perf_counter(); r=b.get(a+q); t[(name,r.status_code)]+=time.perf_counter()-s; n[(name,r.status_code)]+=1
            if r.status_code in {403,404} and not q and name not in RULES: break
    print(sum(n.values()), sum(t.values()))
    for k,v in t.most_common(12): print(k, n[k], round(v,2))
