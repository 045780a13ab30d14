import time
from sqlalchemy import text
from tests.integration.campaigns.builders import *
from orchestrator.persistence import campaigns as stored
from orchestrator.domain.enrollment import Lane
def test_big(sqlite_store):
    store=sqlite_store
    a_seller(store); a_list(store, ["accepted"])
    N=100_000
    with store.write() as tx:
        tx.execute(text(f"""with recursive n(i) as (select 2 union all select i+1 from n where i<{N})
              insert into contacts(id,seller_id,profile_sealed,country,created_at,updated_at) select i,'acme-roofing',x'','US','2026-01-01 00:00:00','2026-01-01 00:00:00' from n"""))
        tx.execute(text(f"insert into list_rows(import_id,line,list_id,contact_id,verdict) select 1,id+10,1,id,'accepted' from contacts where id>1"))
    c=a_campaign(store)
    r=w=s=0.0; after=0; k=0
    while True:
        t=time.perf_counter()
        with store.read() as tx: ids=stored.contacts_after(tx,1,after,100)
        r+=time.perf_counter()-t
        if not ids: break
        after=ids[-1]
        t=time.perf_counter()
        with store.write() as tx: stored.enrol(tx,c,ids,Lane.SMS,NOW)
        w+=time.perf_counter()-t; t=time.perf_counter(); store.rest(); s+=time.perf_counter()-t
        k+=1
        if k%200==0: print(k,round(r,2),round(w,2),round(s,2),flush=True); r=w=s=0.0
