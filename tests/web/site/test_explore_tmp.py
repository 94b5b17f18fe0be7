import re, time
import pytest
from django.db import transaction
from django.test import Client
from django.urls import resolve, Resolver404, get_resolver
from minping_engine.demo import DemoParameters, make_district
from minping_web.site.demo.seed import fill
from minping_web.accounts.models import User
from django.test import override_settings
from tests.web.entering import sign_in
from tests.web.site.reading import read
CJK=re.compile(r"[\u3400-\u9fff，。：；？！（）]")
@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker, django_db_modify_db_settings):
    with django_db_blocker.unblock(), transaction.atomic(), override_settings(DEMO=True):
        t=time.time()
        fill(make_district(DemoParameters(),1),households=1000,tell=print); print('fill',time.time()-t)
        yield
        transaction.set_rollback(True)
def walk(client):
    seen={}; todo=["/"]; bad=[]
    while todo:
        url=todo.pop(0)
        r=client.get(url)
        if r.status_code in(301,302): 
            loc=r["Location"].split('#')[0]
            if loc.startswith('/'): r=client.get(loc)
        if r.status_code!=200 or 'text/html' not in r.get('Content-Type',''): bad.append((url,r.status_code,r.get('Content-Type'))); continue
        page=read(r.content.decode()); seen[url]=page
        for l in page.links:
            l=l.split('#')[0]
            if not l.startswith('/') : continue
            try: m=resolve(l.split('?')[0])
            except Resolver404: bad.append((url,'dead',l)); continue
            key=m.view_name
            if key in walked or 'logout' in key or 'static' in key or 'csv' in l or 'xlsx' in l or 'export' in l: continue
            walked.add(key); todo.append(l)
    return seen,bad
walked=set()
pytestmark=pytest.mark.django_db
@pytest.mark.parametrize("lang",["en","zh-hans"])
def test_x(demo,lang,client):
    from django.core.cache import cache
    rx=CJK if lang=="en" else re.compile(r"[A-Za-z]{2,}")
    found={}
    for who in ["demo-district-bureau","demo-administrator","demo-survey-manager","demo-auditor","demo-community-worker","demo-office-leader"]:
        walked.clear()
        c=Client(); sign_in(c,User.objects.get(username=who)); c.cookies["minping_language"]=lang
        t=time.time(); pages,bad=walk(c); print(who,len(pages),round(time.time()-t,1),bad[:8])
        for url,p in pages.items():
            for s in p.texts:
                if not s.foreign and rx.search(s.text): found.setdefault((s.where,s.text),url)
    out=open(f'/tmp/found-{lang}.txt','w')
    for k,v in found.items(): out.write(f'{v}\t{k[0]}\t{k[1]}\n')
    print(len(found))
