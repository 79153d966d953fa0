"""Projects and users."""

from clockd.sim.timetrack.profile import profile_named
from tests.sim_timetrack.caller import caller


def test_projects_are_listed_and_found_by_parts_of_names() -> None:
    them = caller()
    everything = them.get("/projects")
    assert len(everything) == 4
    assert set(everything[0]) == {
        "ID", "projectName", "clientName", "projectEnabled", "notes", "hourRate", "timeEstimated", "budgetEstimated",
    }  # fmt: skip
    assert [p["projectName"] for p in them.get("/projects", projectName="Test")] == ["Test", "Test 2", "Test"]
    assert [p["projectName"] for p in them.get("/projects", projectName="Test", clientName="002")] == ["Test"]
    assert them.get("/projects", projectName="nope") == []
    assert them.get(f"/projects/{everything[1]['ID']}") == everything[1]


def test_create_update_and_delete() -> None:
    them = caller()
    made = them.post("/projects", projectName="Test project 001", clientName="Test company", hourRate="20.5")
    assert (made["hourRate"], made["projectEnabled"]) == (20.5, True)
    path = f"/projects/{made['ID']}"
    changed = them.put(path, hourRate="50", notes="Test project for API")
    assert (changed["hourRate"], changed["notes"], changed["projectName"]) == (
        50.0,
        "Test project for API",
        "Test project 001",
    )
    assert them.put(path, projectEnabled="0")["projectEnabled"] is False
    assert them.error("PUT", path, {"clientName": "Nobody Ltd"}) == (422, 15017)
    assert them.reply("DELETE", path).status == 200
    assert them.error("GET", path) == (404, 15022)
    assert them.error("GET", "/projects/1") == (404, 15021)
    assert them.get("/projects", projectName="001") == []


def test_create_needs_both_names_and_refuses_doubles() -> None:
    them = caller()
    assert them.error("POST", "/projects", {"projectName": "x"}) == (422, 15016)
    assert them.error("POST", "/projects", {"clientName": "Client 001"}) == (422, 15016)
    assert them.error("POST", "/projects", {"clientName": "Client 001", "projectName": "Test"}) == (422, 15023)
    test_2 = them.get("/projects", projectName="Test 2")[0]["ID"]
    assert them.error("PUT", f"/projects/{test_2}", {"projectName": "Test"}) == (422, 15023)


def test_an_unknown_client_is_made_or_refused() -> None:
    assert caller().post("/projects", clientName="New", projectName="x")["clientName"] == "New"
    alt = caller(profile_named("alt"))
    assert alt.error("POST", "/projects", {"clientName": "New", "projectName": "x"}) == (422, 15017)


def test_a_refused_update_changes_nothing() -> None:
    them = caller()
    before = them.get("/projects")
    path = f"/projects/{before[0]['ID']}"
    assert them.error("PUT", path, {"notes": "new", "hourRate": "much"}) == (422, 15017)
    assert them.get("/projects") == before


def test_users_can_be_read_for_a_probe() -> None:
    them = caller()
    assert [user["username"] for user in them.get("/users", limit="2")] == ["ada", "grace"]
    ada = them.get("/users", username="ada")[0]
    assert them.get(f"/users/{ada['id']}") == ada
    assert them.reply("POST", "/users", {}).status == 405
