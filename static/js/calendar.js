// 日历: shows the talks of the days in view, opens one on a click, and moves a booked one where it is dragged.
// Week, month or list, and the day, stand in the address, so that 「后退」 comes back to them.
const place = document.getElementById("calendar");
const told = document.getElementById("calendar-told");
const mine = document.getElementById("calendar-mine");
const asked = new URLSearchParams(window.location.search);
const phone = window.matchMedia("(max-width: 767.98px)");
const VIEWS = { week: "timeGridWeek", month: "dayGridMonth", day: "timeGridDay", list: "listWeek" };
// Hours that are shown also where no talk lies in them.
const FIRST_HOUR = 8;
const LAST_HOUR = 18;

const two = (number) => String(number).padStart(2, "0");
const dayOf = (moment) =>
  `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
const hourOf = (moment) => (moment ? `${two(moment.getHours())}:${two(moment.getMinutes())}` : "");

// What a screen reader is told as well; a refusal stays until something else is said.
function tell(text, refused) {
  told.className = `calendar-told${text ? (refused ? " error" : " done-note") : ""}`;
  told.textContent = text;
}

function part(name, text) {
  const span = document.createElement("span");
  span.className = name;
  span.textContent = text;
  return span;
}

// Time, persons and state in words: the colour says nothing that they do not say.
function written({ event, timeText }) {
  const { state, clashes } = event.extendedProps;
  const parts = [part("talk-who", event.title), part("talk-state", clashes ? "时间冲突" : state)];
  return { domNodes: timeText ? [part("talk-time", timeText), ...parts] : parts };
}

async function talksOf(days) {
  const query = new URLSearchParams({ since: dayOf(days.start), until: dayOf(days.end) });
  if (mine && mine.checked) {
    query.set("mine", "on");
  }
  const answer = await fetch(`${place.dataset.talks}?${query}`);
  if (!answer.ok || answer.redirected) {
    throw new Error();
  }
  const { talks, told: text } = await answer.json();
  if (text) {
    tell(text, true);
  }
  const hours = talks.filter((talk) => !talk.allDay);
  const first = Math.min(FIRST_HOUR, ...hours.map((talk) => Number(talk.start.slice(11, 13))));
  const last = Math.max(LAST_HOUR, ...hours.map((talk) => Number((talk.end || talk.start).slice(11, 13)) + 1));
  calendar.setOption("slotMinTime", `${two(first)}:00:00`);
  calendar.setOption("slotMaxTime", `${two(last)}:00:00`);
  return talks.map((talk) => ({ ...talk, classNames: [`is-${talk.clashes ? "clashing" : talk.tone}`] }));
}

// Read again after it, as the days may have been read while the server was asked: the entry would stand there twice.
function putBack(revert, text) {
  revert();
  calendar.refetchEvents();
  tell(`没有改期：${text}`, true);
}

// The talk is put back where the server refuses, and where it cannot be asked.
async function move({ event, revert }) {
  const hours = event.allDay ? ["", ""] : [hourOf(event.start), hourOf(event.end)];
  try {
    const answer = await fetch(event.extendedProps.move, {
      method: "POST",
      headers: { "X-CSRFToken": document.querySelector("input[name=csrfmiddlewaretoken]").value },
      body: new URLSearchParams({
        revision: event.extendedProps.revision,
        held_on: dayOf(event.start),
        starts_at: hours[0],
        ends_at: hours[1],
      }),
    });
    if (answer.status === 404) {
      putBack(revert, "您现在不能改动这次谈话，请刷新日历核对。");
      return;
    }
    const { told: text, revision } = await answer.json();
    if (answer.ok) {
      event.setExtendedProp("revision", revision);
      tell(text, false);
      calendar.refetchEvents();
    } else {
      putBack(revert, text);
    }
  } catch {
    revert();
    tell("没有改期：没有连上服务器，或者登录已经过期。请刷新本页后再试。", true);
  }
}

function keepInAddress() {
  const query = new URLSearchParams();
  const view = Object.keys(VIEWS).find((name) => VIEWS[name] === calendar.view.type);
  query.set("view", view);
  query.set("day", dayOf(calendar.getDate()));
  if (mine && mine.checked) {
    query.set("mine", "on");
  }
  window.history.replaceState(null, "", `?${query}`);
}

const toolbar = () =>
  phone.matches
    ? { left: "title", right: "prev,next today listWeek,timeGridDay" }
    : { left: "prev,next today", center: "title", right: "timeGridWeek,dayGridMonth,listWeek" };

if (mine) {
  mine.checked = asked.has("mine");
}
const calendar = new FullCalendar.Calendar(place, {
  locale: "zh-cn",
  buttonIcons: false,
  buttonText: { prev: "往前", next: "往后", week: "周", month: "月", day: "日", list: "列表", today: "今天" },
  initialView: VIEWS[asked.get("view")] || (phone.matches ? VIEWS.list : VIEWS.week),
  initialDate: /^\d{4}-\d{2}-\d{2}$/.test(asked.get("day") || "") ? asked.get("day") : place.dataset.today,
  now: place.dataset.today,
  headerToolbar: toolbar(),
  height: "auto",
  allDayText: "时间未定",
  timeHint: "时间",
  eventHint: "谈话",
  noEventsText: "这几天没有谈话",
  slotMinTime: `${two(FIRST_HOUR)}:00:00`,
  slotMaxTime: `${two(LAST_HOUR)}:00:00`,
  slotDuration: "00:30:00",
  snapDuration: "00:15:00",
  slotEventOverlap: false,
  defaultTimedEventDuration: "00:30:00",
  forceEventDuration: false,
  slotLabelFormat: { hour: "numeric", minute: "2-digit", hour12: false },
  eventTimeFormat: { hour: "numeric", minute: "2-digit", hour12: false },
  titleRangeSeparator: "至",
  defaultRangeSeparator: "至",
  eventMinHeight: 38,
  views: {
    timeGrid: {
      displayEventEnd: false,
      dayHeaderContent: ({ date }) => `${date.getMonth() + 1}月${date.getDate()}日　周${"日一二三四五六"[date.getDay()]}`,
    },
    dayGridMonth: { dayMaxEvents: 4 },
  },
  moreLinkText: (number) => `另有${number}次`,
  events: (days, done, failed) => talksOf(days).then(done, failed),
  eventSourceFailure: () => tell("没有读到谈话：没有连上服务器，或者登录已经过期。请刷新本页后再试。", true),
  eventContent: written,
  dragRevertDuration: 0,
  // A cell's name is what it holds, not the date alone; the number of the day says the date.
  dayCellDidMount: ({ el }) => el.removeAttribute("aria-labelledby"),
  eventDrop: move,
  eventResize: move,
  datesSet: () => calendar && keepInAddress(),
});
calendar.render();
keepInAddress();
if (mine) {
  mine.addEventListener("change", () => {
    calendar.refetchEvents();
    keepInAddress();
  });
}
phone.addEventListener("change", () => {
  calendar.setOption("headerToolbar", toolbar());
  calendar.changeView(phone.matches ? VIEWS.list : VIEWS.week);
});
