// 一键排谈: the draft as a calendar. It is read from the rows below, each a form of its own; where a talk is dragged
// its form is sent, and the rows are fetched anew. What the server refuses is put back.
const place = document.getElementById("calendar");
const told = document.getElementById("calendar-told");
const FIRST_HOUR = 8;
const LAST_HOUR = 18;

const two = (number) => String(number).padStart(2, "0");
const dayOf = (moment) => `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
const hourOf = (moment) => `${two(moment.getHours())}:${two(moment.getMinutes())}`;

function tell(text, refused) {
  told.className = `calendar-told${text ? (refused ? " error" : " done-note") : ""}`;
  told.textContent = text;
}

const rows = () => [...document.querySelectorAll("[data-arranged]")].filter((row) => row.dataset.begins);
const events = () =>
  rows().map((row) => ({
    id: row.dataset.arranged,
    title: row.dataset.names,
    start: row.dataset.begins,
    end: row.dataset.ends,
    classNames: ["is-scheduled"],
  }));

function part(name, text) {
  const span = document.createElement("span");
  span.className = name;
  span.textContent = text;
  return span;
}

async function refresh() {
  const answer = await fetch(window.location.pathname.replace(/book\/$/, ""));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("arranged");
  if (fresh) {
    document.getElementById("arranged").replaceWith(fresh);
  }
}

async function move({ event, revert }) {
  const row = document.querySelector(`[data-arranged="${event.id}"]`);
  try {
    const answer = await fetch(row.action, {
      method: "POST",
      headers: {
        Accept: "application/json",
        "X-CSRFToken": row.querySelector("input[name=csrfmiddlewaretoken]").value,
      },
      body: new URLSearchParams({ held_on: dayOf(event.start), starts_at: hourOf(event.start) }),
    });
    if (answer.status === 404) {
      revert();
      tell("没有改动：这份草稿已经预约或者放弃，请刷新本页核对。", true);
      return;
    }
    const { told: text } = await answer.json();
    if (answer.ok) {
      tell(text, false);
      await refresh();
    } else {
      revert();
      tell(`没有改动：${text}`, true);
    }
  } catch {
    revert();
    tell("没有改动：没有连上服务器，或者登录已经过期。请刷新本页后再试。", true);
  }
}

const named = (date) => `${date.getMonth() + 1}月${date.getDate()}日　周${"日一二三四五六"[date.getDay()]}`;
const all = events();
const hours = all.flatMap(({ start, end }) => [Number(start.slice(11, 13)), Number(end.slice(11, 13)) + 1]);
const onWeekend = all.some(({ start }) => [0, 6].includes(new Date(start).getDay()));
const end = new Date(`${place.dataset.last}T00:00`);
end.setDate(end.getDate() + 1);
const calendar = new FullCalendar.Calendar(place, {
  locale: "zh-cn",
  initialView: "timeGridWeek",
  initialDate: all.length ? all.map(({ start }) => start.slice(0, 10)).sort()[0] : place.dataset.first,
  now: place.dataset.today,
  validRange: { start: place.dataset.first, end: dayOf(end) },
  buttonIcons: false,
  buttonText: { prev: "往前", next: "往后", today: "今天" },
  headerToolbar: { left: "prev,next", center: "title", right: "" },
  titleRangeSeparator: "至",
  defaultRangeSeparator: "至",
  height: "auto",
  allDaySlot: false,
  weekends: onWeekend,
  slotMinTime: `${two(Math.min(FIRST_HOUR, ...hours))}:00:00`,
  slotMaxTime: `${two(Math.min(24, Math.max(LAST_HOUR, ...hours)))}:00:00`,
  slotDuration: "00:30:00",
  snapDuration: "00:05:00",
  slotEventOverlap: false,
  slotLabelFormat: { hour: "numeric", minute: "2-digit", hour12: false },
  eventTimeFormat: { hour: "numeric", minute: "2-digit", hour12: false },
  displayEventEnd: false,
  eventMinHeight: 38,
  dayHeaderContent: ({ date }) => named(date),
  // Days on which no talk would count have a name, too.
  dayHeaderDidMount: ({ el, date, isDisabled }) => {
    if (isDisabled) {
      el.firstElementChild.textContent = named(date);
    }
  },
  editable: true,
  eventDurationEditable: false,
  events: all,
  eventContent: ({ event, timeText }) => ({ domNodes: [part("talk-time", timeText), part("talk-who", event.title)] }),
  dragRevertDuration: 0,
  eventDrop: move,
});
calendar.render();
