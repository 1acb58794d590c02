// What every page gains with JavaScript. Nothing here is needed to use the site.
import { closeMenus } from "./menus.js";
import { offerTheme } from "./theme-choice.js";
import { showLocalTimes } from "./localtime.js";
import { growSteppers } from "./stepper.js";

closeMenus();
offerTheme();
showLocalTimes();
growSteppers();
